"""ATT&CK goes into the folder of content and comes out of it; what is refused changes nothing."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.attack import technique
from watchkeeper.autopilot.content_folder import ATTACK, RULES, Origin, current, incoming, put_in_force
from watchkeeper.autopilot.knowledge import attack_spoken, learn_attack, learnt_attack, origin_of_attack, prepare_attack
from watchkeeper.bundle.manifest import Part

SMALL = Path(__file__).parents[1] / "cases" / "attack" / "small" / "bundle.json"
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_bundle_is_kept_with_where_it_came_from(tmp_path: Path) -> None:
    assert learnt_attack(tmp_path) is None
    learnt = learn_attack(SMALL, tmp_path, MOMENT)
    assert learnt.is_new
    assert learnt_attack(tmp_path) == learnt.catalogue
    origin = origin_of_attack(tmp_path)
    assert origin is not None
    assert (origin.file, origin.version, len(origin.digest)) == ("bundle.json", "18.1", 64)


def test_the_same_bundle_again_changes_nothing_and_another_replaces_it(tmp_path: Path) -> None:
    first = learn_attack(SMALL, tmp_path, MOMENT)
    assert learn_attack(SMALL, tmp_path, MOMENT).is_new is False
    assert current(tmp_path) == first.now
    other = tmp_path / "other.json.gz"
    other.write_bytes(gzip.compress(SMALL.read_bytes().replace(b"Larks", b"Finches")))
    assert learn_attack(other, tmp_path, MOMENT).is_new
    found = learnt_attack(tmp_path)
    assert found is not None
    assert found.groups[0].name == "Finches"


def test_other_content_stays(tmp_path: Path) -> None:
    place = incoming(tmp_path)
    (place / "filled" / RULES).mkdir(parents=True)
    put_in_force(tmp_path, place / "filled", {RULES: Origin("rules.zip", "a" * 64, MOMENT)})
    assert set(learn_attack(SMALL, tmp_path, MOMENT).now.kinds) == {RULES, ATTACK}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{}", "refused: it is no STIX bundle"),
        (b'{"type": "bundle", "objects": []}', "refused: it holds no technique"),
        (gzip.compress(SMALL.read_bytes())[:-20], "refused: its packing is damaged"),
    ],
)
def test_what_is_refused_changes_nothing(tmp_path: Path, content: bytes, message: str) -> None:
    before = learn_attack(SMALL, tmp_path, MOMENT)
    wrong = tmp_path / "wrong.json"
    wrong.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        learn_attack(wrong, tmp_path, MOMENT)
    assert current(tmp_path) == before.now
    assert learnt_attack(tmp_path) == before.catalogue


def test_a_bundle_larger_than_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.attack.stix.MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="it holds more than"):
        learn_attack(SMALL, tmp_path, MOMENT)


def test_a_damaged_catalogue_is_said_to_be_so(tmp_path: Path) -> None:
    learn_attack(SMALL, tmp_path, MOMENT)
    next(tmp_path.rglob("catalogue.json")).write_bytes(b"{")
    with pytest.raises(ValueError, match=r"is damaged.*knowledge import"):
        learnt_attack(tmp_path)


def test_a_bundle_of_content_brings_it_too_and_the_newest_of_several_counts(tmp_path: Path) -> None:
    filled = incoming(tmp_path / "content") / "filled"
    for name, version in (("old", b"9.1"), ("new", b"18.1"), ("older", b"")):
        (filled / ATTACK / name).mkdir(parents=True)
        (filled / ATTACK / name / "stix.json").write_bytes(SMALL.read_bytes().replace(b"18.1", version))
    prepare_attack(filled, [Part(name, "attack", "ATT&CK") for name in ("old", "new", "older")])
    put_in_force(tmp_path / "content", filled, {ATTACK: Origin("weekly.wkc", "a" * 64, MOMENT)})
    found = learnt_attack(tmp_path / "content")
    assert found is not None
    assert found.version == "18.1"


def test_ids_are_known_while_it_is_spoken(tmp_path: Path) -> None:
    learn_attack(SMALL, tmp_path, MOMENT)
    assert technique("T9001") is None
    with attack_spoken(tmp_path) as found:
        known = technique("T9003")
        assert found is not None
        assert known is not None
        assert (known.id, known.tactics) == ("T9001", ("stealth",))
    with attack_spoken(None) as nothing:
        assert (nothing, technique("T9001")) == (None, None)


def test_without_attack_in_it_a_bundle_prepares_nothing_and_with_something_else_it_is_refused(tmp_path: Path) -> None:
    prepare_attack(tmp_path, [Part("kev", "kev", "CC0-1.0")])
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ATTACK / "mitre").mkdir(parents=True)
    (tmp_path / ATTACK / "mitre" / "stix.json").write_bytes(b"{}")
    with pytest.raises(ValueError, match=r"'attack/mitre/stix.json' is refused"):
        prepare_attack(tmp_path, [Part("mitre", "attack", "ATT&CK")])

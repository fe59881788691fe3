"""A bundle's intelligence goes through the importer under its own names; what cannot be imported waits with its reason."""

import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.autopilot.content_intel import Received, receive, sources
from watchkeeper.autopilot.intel_import import Wanted, import_files
from watchkeeper.bundle.manifest import Part
from watchkeeper.detection.intel.canon import Defaults
from watchkeeper.detection.intel.installed import Installed, install_allow, open_installed
from watchkeeper.detection.intel.warninglists import read_warninglists

NOW = datetime(2026, 5, 1, tzinfo=UTC)
LIST = '{{"name": "{name}", "type": "cidr", "list": ["{entry}"], "matching_attributes": ["ip-dst"]}}'
LISTS = (Part("misp", "warninglists", "CC0-1.0"),)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    for name, content in {
        "intel/acme/a.txt": b"192.0.2.1\nbad.example\n??\n",
        "intel/acme2/b.csv": b"value,confidence\n192.0.2.2,90\n192.0.2.3,\n",
        "intel/other/notes/photo.bin": bytes(range(256)),
        "intel/other/c.txt": b"192.0.2.4\n",
        "warninglists/misp/lists/one/list.json": LIST.format(name="one", entry="192.0.2.0/30").encode(),
        "warninglists/misp/lists/two/list.json": LIST.format(name="two", entry="198.51.100.0/24").encode(),
        "warninglists/misp/LICENSE": b"CC0",
    }.items():
        (tmp_path / "filled" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "filled" / name).write_bytes(content)
    return tmp_path / "filled"


PARTS = (
    Part("acme", "intel", "CC0-1.0", source="ACME", confidence=80, tlp="red"),
    Part("acme2", "intel", "CC0-1.0", source="ACME", confidence=20),
    Part("other", "intel", "CC0-1.0"),
)


def _installed(state: Path) -> Installed:
    found = open_installed(state / "intel")
    assert found is not None
    return found


def _receive(filled: Path, parts: tuple[Part, ...], before: tuple[str, ...] = ()) -> tuple[Received, dict[str, tuple[str, int, str]]]:
    state = filled.parent / "state"
    received = receive(filled, parts, before, state, NOW)
    rows = _installed(state).lookup.indicators.to_pylist()
    return received, {row["value"]: (row["source"], row["confidence"], row["tlp"]) for row in rows}


def test_each_part_has_its_own_source_confidence_and_marking(filled: Path) -> None:
    assert sources((*PARTS, *LISTS)) == ("ACME", "other")
    _, known = _receive(filled, PARTS)
    assert known == {
        "192.0.2.1": ("ACME", 80, "red"),
        "bad.example": ("ACME", 80, "red"),
        "192.0.2.2": ("ACME", 90, ""),
        "192.0.2.3": ("ACME", 20, ""),
        "192.0.2.4": ("other", 50, ""),
    }


def test_what_cannot_be_imported_waits_with_its_reason(filled: Path) -> None:
    received, _ = _receive(filled, PARTS)
    inbox = filled.parent / "state" / "intel" / "inbox"
    assert received.inbox == inbox
    assert sorted(path.relative_to(inbox).as_posix() for path in inbox.rglob("*") if path.is_file()) == [
        "other/notes/photo.bin",
        "reasons.json",
    ]
    assert json.loads((inbox / "reasons.json").read_bytes()) == {"other/notes/photo.bin": "a file in no format that is known"}
    assert received.done is not None
    assert [file.account.refused.total() for file in received.done.files] == [1, 0, 0, 1]
    (filled / "intel" / "other" / "notes" / "photo.bin").unlink()
    assert (_receive(filled, PARTS)[0].inbox, inbox.exists()) == (None, False)


def test_of_an_archive_only_the_archive_waits(filled: Path) -> None:
    with zipfile.ZipFile(filled / "intel" / "other" / "all.zip", "w") as archive:
        archive.writestr("d.txt", "192.0.2.5\n")
        archive.writestr("photo.bin", bytes(range(256)))
    received, known = _receive(filled, PARTS)
    assert known["192.0.2.5"] == ("other", 50, "")
    assert received.inbox is not None
    assert (received.inbox / "other" / "all.zip").is_file()
    assert "other/all.zip!photo.bin" in json.loads((received.inbox / "reasons.json").read_bytes())


def test_a_source_that_is_left_out_goes_and_a_persons_own_stays(filled: Path) -> None:
    _receive(filled, PARTS)
    (filled / "mine.txt").write_text("192.0.2.9\n", "utf-8")
    import_files([filled / "mine.txt"], Wanted(Defaults("")), filled.parent / "state" / "intel", NOW)
    received, known = _receive(filled, PARTS[:1], before=("ACME", "other"))
    assert (dict(received.gone), sorted(known)) == ({"other": 1}, ["192.0.2.1", "192.0.2.9", "bad.example"])


def test_warning_lists_are_the_allow_lists_but_those_that_a_person_left_out(filled: Path) -> None:
    received, _ = _receive(filled, (*PARTS, *LISTS))
    state = filled.parent / "state"
    covered = _installed(state).allow().covering("address", "192.0.2.1")
    assert (covered and covered.list_name, received.lists and received.lists.skipped) == ("one", {"a file that is no warning list": 1})
    given = filled / "warninglists"
    install_allow(state / "intel", read_warninglists(given, frozenset({"one"})).lists, frozenset({"one"}))
    _receive(filled, (*PARTS, *LISTS))
    assert [one.name for one in _installed(state).allow().lists] == ["two"]
    assert _installed(state).left_out == {"one"}


def test_without_a_single_list_nothing_is_changed(filled: Path) -> None:
    for path in (filled / "warninglists").rglob("list.json"):
        path.write_bytes(b"{}")
    with pytest.raises(ValueError, match="no warning lists"):
        receive(filled, (*PARTS, *LISTS), (), filled.parent / "state", NOW)
    assert open_installed(filled.parent / "state" / "intel") is None

"""Keeping: what is kept is what would be translated, whatever happened to the file it is kept in; nobody else's folder is used."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.content import folder
from watchkeeper.detection.sigma import kept, load_rules
from watchkeeper.detection.sigma.condition import Atom, Null, Number
from watchkeeper.detection.sigma.files import RuleFile, Unread
from watchkeeper.detection.sigma.kept import Kept
from watchkeeper.detection.sigma.rule import Rule, SigmaSource
from watchkeeper.detection.sigma.translate import translate
from watchkeeper.detection.sigma.translated import Translated

RULE = """title: A
id: 11111111-2222-4333-8444-555555555555
logsource: {product: windows}
detection: {selection: {F|re: 'a+', G: [x*, 5, null]}, condition: selection}
level: low
"""
BROKEN = RULE.replace("F|re", "F|endwith")
FILTER = """title: F
logsource: {product: windows}
filter: {rules: any, selection: {G: b}, condition: not selection}
"""
COUNT = """title: Many
correlation: {type: event_count, rules: [11111111-2222-4333-8444-555555555555, nobody], group-by: [F], timespan: 1h, condition: {gte: 10}}
"""
RULE_OF_OURS = Rule("one", "One", "low", SigmaSource(), Atom("F", Null()), (), (), "one.yml")


class Counting:
    """Translates, and knows what it was asked for."""

    def __init__(self) -> None:
        self.files: list[str] = []

    def __call__(self, file: RuleFile | Unread) -> Translated:
        self.files.append(Path(file.path.partition("!")[2] or file.path).name)
        return translate(file)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules"
    path.mkdir()
    for name, text in {
        "a": RULE,
        "b": BROKEN,
        "c": FILTER,
        "d": COUNT,
        "e": "a: b: c",
        "f": "name: other",
        "g": RULE + "---\n" + RULE,
    }.items():
        (path / f"{name}.yml").write_text(text, "utf-8")
    return path


def asked(place: Path, path: Path, beside: bytes = b"") -> Sequence[str]:
    """Load anew; say what was translated, and check that it comes to the same as without anything kept."""
    counting = Counting()
    keeping = Kept(place)
    assert keeping.translated(path, counting, beside) == Kept(None).translated(path, translate)
    assert keeping.problems == ()
    return counting.files


def test_only_what_changed_is_translated(tmp_path: Path, rules: Path) -> None:
    place = tmp_path / "kept"
    assert asked(place, rules) == [f"{name}.yml" for name in "abcdefg"]
    assert asked(place, rules) == []
    (rules / "b.yml").write_text(RULE, "utf-8")
    assert asked(place, rules) == ["b.yml"]
    (rules / "a.yml").rename(rules / "h.yml")
    assert asked(place, rules) == ["h.yml"]
    assert asked(place, rules) == []


def test_an_archive_is_known_as_a_whole_and_by_its_members(tmp_path: Path) -> None:
    path = tmp_path / "rules.zip"
    for last, expected in ((RULE, ["a.yml", "b.yml"]), (RULE, []), (BROKEN, ["b.yml"]), (BROKEN, [])):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("a.yml", RULE)
            archive.writestr("b.yml", last)
        assert asked(tmp_path / "kept", path) == expected


def test_what_else_decides_counts(tmp_path: Path, rules: Path) -> None:
    for beside, expected in ((b"", 1), (b"", 0), (b"one", 1), (b"", 0), (b"one", 0), (b"two", 1)):
        assert len(asked(tmp_path / "kept", rules / "a.yml", beside)) == expected
        assert len(asked(tmp_path / "kept", rules, beside)) == expected * 6  # `a` is known from above


def test_what_is_unpacked_or_moved_is_not_translated_anew(tmp_path: Path, rules: Path) -> None:
    (rules / "g.yml").write_text(RULE.replace("id:", "id: mine #"), "utf-8")
    path = tmp_path / "rules.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in rules.iterdir():
            archive.write(file, f"rules/{file.name}")
    assert len(asked(tmp_path / "kept", path)) == 7
    assert asked(tmp_path / "kept", rules) == ["b.yml", "d.yml", "e.yml", "g.yml"]
    assert asked(tmp_path / "kept", rules.rename(tmp_path / "others")) == ["b.yml", "d.yml", "e.yml", "g.yml"]


@pytest.mark.parametrize("odd", [replace(RULE_OF_OURS, condition=Atom("F", Number("gt", 10**100))), replace(RULE_OF_OURS, title="\ud800")])
def test_what_does_not_come_back_the_same_is_translated_each_time(tmp_path: Path, rules: Path, odd: Rule) -> None:
    files: list[str] = []

    def oddly(file: RuleFile | Unread) -> Translated:
        files.append(Path(file.path).stem)
        return Translated(rules=(odd if files[-1] == "b" else RULE_OF_OURS,))

    assert Kept(tmp_path / "kept").translated(rules, oddly) == Kept(tmp_path / "kept").translated(rules, oddly)
    assert files == [*"abcdefg", "b"]


def test_a_file_that_could_not_be_read_is_tried_again(tmp_path: Path, rules: Path) -> None:
    (rules / "gone.yml").symlink_to(tmp_path / "nothing")
    assert len(asked(tmp_path / "kept", rules)) == 8
    assert asked(tmp_path / "kept", rules) == ["gone.yml"]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, bytes]:
    """A rule file, a folder where it is kept, and the bytes that it is kept in."""
    path = tmp_path_factory.mktemp("rules") / "a.yml"
    path.write_text(RULE, "utf-8")
    place = tmp_path_factory.mktemp("cache") / "kept"
    assert asked(place, path) == ["a.yml"]
    return path, place, next(place.iterdir()).read_bytes()


@given(st.data())
def test_a_damaged_file_is_as_good_as_none(shelf: tuple[Path, Path, bytes], data: st.DataObject) -> None:
    path, place, whole = shelf
    cut = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:cut] + data.draw(st.one_of(st.just(b""), st.binary(max_size=80), st.just(whole[cut + 1 :])))
    next(place.glob("*.shelf")).write_bytes(damaged)
    assert len(asked(place, path)) == (damaged != whole)
    assert asked(place, path) == []


@given(st.binary(max_size=200))
def test_what_somebody_made_up_is_as_good_as_none(shelf: tuple[Path, Path, bytes], body: bytes) -> None:
    path, place, whole = shelf
    kind = whole[: kept.DIGEST_BYTES]
    next(place.glob("*.shelf")).write_bytes(kind + kept.digest_of(body) + body)
    assert asked(place, path) == ["a.yml"]
    assert asked(place, path) == []


def test_what_other_code_made_is_not_used(shelf: tuple[Path, Path, bytes]) -> None:
    path, place, whole = shelf
    next(place.glob("*.shelf")).write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
    assert asked(place, path) == ["a.yml"]


def test_files_and_folder_are_the_users_alone(tmp_path: Path, rules: Path) -> None:
    place = tmp_path / "kept"
    assert asked(place, rules)
    assert place.stat().st_mode & 0o777 == 0o700
    assert [path.stat().st_mode & 0o777 for path in place.iterdir()] == [0o600]


def test_a_folder_that_others_may_enter_is_not_used(tmp_path: Path, rules: Path) -> None:
    place, link, file = tmp_path / "kept", tmp_path / "link", tmp_path / "file"
    place.mkdir(mode=0o700)
    link.symlink_to(place)
    file.touch()
    for bad, reason in ((link, "it is a link or a file"), (file, "File exists"), (place, "others may enter it")):
        place.chmod(0o750 if bad is place else 0o700)
        keeping = Kept(bad)
        (problem,) = load_rules([rules / "a.yml"], keeping).problems
        assert problem.startswith(f"translated rules are not kept in {str(bad)!r}, so that loading takes longer: {reason}")
    assert list(place.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path, rules: Path) -> None:
    (tmp_path / "kept").mkdir(mode=0o700)
    os.chown(tmp_path / "kept", 12345, 12345)
    assert len(load_rules([rules / "a.yml"], Kept(tmp_path / "kept")).problems) == 1


def test_what_was_not_used_for_longest_goes(tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_SHELVES", 2)
    place = tmp_path / "kept"
    first, second, third = (rules / f"{name}.yml" for name in "abc")
    for path, expected in ((first, 1), (second, 1), (first, 0), (third, 1), (first, 0), (second, 1)):
        assert len(asked(place, path)) == expected
    assert len(list(place.iterdir())) == 2
    monkeypatch.setattr(kept, "MAX_FOLDER_BYTES", 1)
    assert asked(place, third)
    assert list(place.iterdir()) == []


def test_too_much_for_one_path_is_said(tmp_path: Path, rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MAX_SHELF_BYTES", 100)
    keeping = Kept(tmp_path / "kept")
    assert keeping.translated(rules, translate)
    assert "are more than the 100 that are kept" in keeping.problems[0]
    assert list((tmp_path / "kept").iterdir()) == []


def test_what_cannot_be_written_is_said(tmp_path: Path, rules: Path) -> None:
    place = tmp_path / "kept"
    asked(place, rules)
    (shelf,) = place.iterdir()
    shelf.unlink()
    shelf.mkdir()
    keeping = Kept(place)
    assert keeping.translated(rules, translate) == Kept(None).translated(rules, translate)
    assert keeping.problems[0].endswith("Is a directory")
    assert list(place.iterdir()) == [shelf]


def test_many_may_load_at_once(tmp_path: Path, rules: Path) -> None:
    place = tmp_path / "kept"
    expected = Kept(None).translated(rules, translate)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: Kept(place).translated(rules, translate), range(32)):
            assert found == expected
    assert asked(place, rules) == []
    assert len(list(place.iterdir())) == 1


EVERYTHING = """title: All modifiers
id: aaaaaaaa-2222-4333-8444-555555555555
name: everything
logsource: {product: linux, category: process_creation, service: auditd}
tags: [attack.execution, attack.t1059.004]
detection:
  texts: {A|contains|all: ['x*', "y\\\\?"]}
  shapes: {B|endswith|cased: Zß, C|windash|contains: ' -x', D|base64offset|contains: secret, E|utf16le|base64: x}
  numbers: {F: 5, G|gt: 2.5, H|lte: 18446744073709551615, I|neq: -1, J|minute|gte: 30, K|month: 12}
  others: {L|re|i: a+, M|re: 'a(?=b)', N|cidr: 'fe80::/10', O|exists: false, P|fieldref|endswith: Q, R: null, S: '', T: true}
  words: [a, 'b*', 5]
  condition: (1 of texts or shapes or not numbers) and all of others* or words
level: critical
---
title: Not one of theirs
logsource: {product: linux}
filter: {rules: everything, ours: {M|re: '(a)\\1'}, condition: not ours}
---
title: Plain
name: plain
logsource: {category: dns}
detection: {one: {A: a}, condition: one}
---
title: In order
name: in_order
correlation:
  {type: temporal_ordered, rules: [everything, plain], group-by: [u], timespan: 5m, aliases: {u: {everything: U, plain: V}}, generate: true}
---
title: Often in order
correlation: {type: event_count, rules: [in_order], group-by: [u], timespan: 30d, condition: {gte: 3, lt: 100}}
---
title: Together
correlation: {type: temporal, rules: [everything, plain], timespan: 1h, condition: everything and not plain}
---
title: Most
correlation: {type: value_percentile, rules: [plain], group-by: [U], timespan: 10s, condition: {gt: 99.5, field: size, percentile: 95}}
"""


def test_everything_that_can_be_said_comes_out_the_same(tmp_path: Path, rules: Path) -> None:
    (rules / "everything.yml").write_text(EVERYTHING, "utf-8")
    without = load_rules([rules], Kept(None))
    assert [correlation.title for correlation in without.correlations] == ["In order", "Often in order", "Together", "Most"]
    assert without.unbounded == ("aaaaaaaa-2222-4333-8444-555555555555",)
    assert load_rules([rules], Kept(tmp_path / "kept")) == without
    again = load_rules([rules], Kept(tmp_path / "kept"))
    assert again == without
    assert repr(again) == repr(without)
    assert asked(tmp_path / "kept", rules) == []


def test_our_own_rules_come_out_the_same(tmp_path: Path) -> None:
    without = load_rules([folder("rules")], Kept(None))
    assert load_rules([folder("rules")], Kept(tmp_path / "kept")) == without
    assert load_rules([folder("rules")], Kept(tmp_path / "kept")) == without


@pytest.mark.slow
def test_the_public_rules_come_out_the_same(tmp_path: Path, data: Path) -> None:
    path = data / "sigma" / "sigma_all_rules.zip"
    without = load_rules([path], Kept(None))
    assert load_rules([path], Kept(tmp_path / "kept")) == without
    assert load_rules([path], Kept(tmp_path / "kept")) == without


def test_what_is_kept_needs_no_parser(tmp_path: Path, rules: Path) -> None:
    program = """import sys
from pathlib import Path
from watchkeeper.detection import load_rules
from watchkeeper.detection.sigma.kept import Kept
load_rules([Path(sys.argv[1])], Kept(Path(sys.argv[2])))
print(sorted({"yaml", "sigma", "pydantic", "pyarrow", "re2"} & sys.modules.keys()))
"""
    script = tmp_path / "script.py"
    script.write_text(program, "utf-8")
    for start, expected in ((["-c", program], "['re2', 'sigma', 'yaml']"), (["-c", program], "[]"), ([str(script)], "[]")):
        words = [sys.executable, *start, str(rules), str(tmp_path / "kept")]
        assert subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip() == expected

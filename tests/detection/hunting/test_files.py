"""Hunts of ours are whole, and a mistake in anybody's is said by file, line and key."""

import re
import zipfile
from pathlib import Path

import pytest

from watchkeeper.content import folder
from watchkeeper.detection.hunting import load_hunts

WRITTEN = re.compile("[\u4e00-\u9fff]")
HUNT = """hunt:
  title: Odd tool
  question: Which tools are odd?
  techniques: [T1059]
  level: medium
  confirms: [{said: It talked., rule: talked}]
  harmless: [Tools are tools.]
  data: Process creation.
  next: [Its parent.]
---
title: Tool run
id: 4a3d7e54-8f2b-4a1c-9f0e-0c6d3c1f0a01
name: run
logsource: {product: windows, category: process_creation}
detection: {tool: {Image|endswith: '.exe'}, condition: tool}
---
title: Tool talked
id: 4a3d7e54-8f2b-4a1c-9f0e-0c6d3c1f0a02
name: talked
logsource: {product: windows, category: network_connection}
detection: {tool: {Image|endswith: '.exe'}, condition: tool}
"""


def _written(folder: Path, text: str, name: str = "odd-tool.yml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, "utf-8")
    return folder


def test_our_hunts_say_everything_in_both_languages() -> None:
    hunts = load_hunts([folder("hunts")])
    assert len(hunts.asked) >= 20
    for one in hunts.asked:
        hunt = one.hunt
        texts = [
            hunt.title,
            hunt.question,
            hunt.data,
            *hunt.harmless,
            *hunt.next,
            *(check.said for check in (*hunt.confirms, *hunt.refutes)),
        ]
        assert all(WRITTEN.search(text.zh) and not WRITTEN.search(text.en) for text in texts), hunt.name
        assert hunt.refutes, hunt.name


def test_what_only_counts_or_checks_does_not_ask(tmp_path: Path) -> None:
    (one,) = load_hunts([_written(tmp_path / "own", HUNT)]).asked
    assert one.hunt.name == "odd-tool"
    assert one.asking == {"4a3d7e54-8f2b-4a1c-9f0e-0c6d3c1f0a01"}
    assert one.checking == {"talked": ("4a3d7e54-8f2b-4a1c-9f0e-0c6d3c1f0a02",)}
    assert (one.hunt.title.en, one.hunt.title.zh) == ("Odd tool", "Odd tool")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("level: medium", "levle: medium"), r"odd-tool\.yml, line 5: levle: .*did you mean 'level'\?"),
        (("[T1059]", "[T1]"), r"odd-tool\.yml, line 4: techniques\.0: "),
        (("[T1059]", "[T9999]"), r"odd-tool\.yml, line 4: ATT&CK has no technique 'T9999'"),
        (("rule: talked", "rule: walked"), r"line 6: no rule of the file has the name 'walked'"),
        (("rule: talked", "rule: run"), ""),
        (("endswith", "endwith"), r"'endwith' is not a modifier"),
        (("level: medium", "level: medium\n  look: {kind: seldom}"), r"line 6: look: "),
        (("hunt:", "haunt:"), r"it holds 0 hunts"),
        (("  next: [Its parent.]\n", ""), r"next: Field required"),
        ((HUNT[HUNT.index("---") :], "---\n"), r"no rule of the file has the name 'talked'"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert change[0] in HUNT
    place = _written(tmp_path / "own", HUNT.replace(*change, 1))
    if not said:
        assert load_hunts([place]).asked[0].checking
        return
    with pytest.raises(ValueError, match=said):
        load_hunts([place])


def test_a_hunt_that_asks_nothing_is_refused(tmp_path: Path) -> None:
    alone = HUNT[: HUNT.index("---")].replace(", rule: talked", "")
    with pytest.raises(ValueError, match="no rule of it asks anything"):
        load_hunts([_written(tmp_path / "own", alone)])


def test_what_a_correlation_finds_cannot_be_stacked(tmp_path: Path) -> None:
    counted = HUNT.replace("  confirms", "  look: {kind: rare, by: [Image]}\n  confirms") + (
        "---\ntitle: Many\ncorrelation: {type: event_count, rules: [run], group-by: [Image], timespan: 1h, condition: {gte: 3}}\n"
    )
    with pytest.raises(ValueError, match="'Many' is a correlation"):
        load_hunts([_written(tmp_path / "own", counted)])


def test_a_persons_own_hunt_takes_the_place_of_another_of_its_name(tmp_path: Path) -> None:
    first, second = _written(tmp_path / "one", HUNT.replace("Odd tool", "Mine")), _written(tmp_path / "two", HUNT)
    assert [one.hunt.title.en for one in load_hunts([first, second]).asked] == ["Mine"]
    _written(first / "deeper", HUNT.replace("4a3d7e54", "4a3d7e55"))
    with pytest.raises(ValueError, match="rename one of the files"):
        load_hunts([first])


def test_hunts_come_from_zips_too_and_are_found_by_technique(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "hunts.zip", "w") as archive:
        archive.writestr("hunts/odd-tool.yml", HUNT)
    hunts = load_hunts([tmp_path / "hunts.zip"])
    assert [one.hunt.name for one in hunts.about("T1059.001").asked] == ["odd-tool"]
    with pytest.raises(ValueError, match="no hunt is about 'T1003'"):
        hunts.about("T1003")
    with pytest.raises(ValueError, match="did you mean 'odd-tool'"):
        hunts.chosen(["odd-tol"])

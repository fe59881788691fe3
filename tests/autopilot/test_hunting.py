"""A hunt over evidence and over a case: the same findings, followed as incidents, with the case's limits said."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from watchkeeper.autopilot import Options, investigate
from watchkeeper.autopilot.hunting import RESULTS, Asking, hunt, hunts_of
from watchkeeper.autopilot.retelling import read_case
from watchkeeper.model.hunt import HuntResult

HUNT = """hunt:
  title: {en: Odd tool, zh: 可疑工具}
  question: Which tools are odd?
  techniques: [T1059]
  level: low
  confirms: [{said: Ask its owner.}]
  harmless: [Tools are tools.]
  data: Process creation.
  next: [Its parent.]
---
title: Tool run
id: 4a3d7e54-8f2b-4a1c-9f0e-0c6d3c1f0a01
logsource: {product: windows, category: process_creation}
detection: {tool: {CommandLine|contains: odd}, condition: tool}
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "odd-tool.yml").write_text(HUNT, "utf-8")
    events = [
        {
            "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": f"ws{number % 2}",
            "UtcTime": f"2025-04-01 {8 + number // 6:02d}:{number % 6}0:00.000", "Image": "C:\\cmd.exe", "ProcessGuid": f"{{{number}}}",
            "ProcessId": str(number), "CommandLine": "odd" if number % 12 == 0 else "usual", "User": "CORP\\ann",
        }
        for number in range(60)
    ]  # fmt: skip
    (tmp_path / "logs.json").write_text("\n".join(map(json.dumps, events)), "utf-8")
    return tmp_path


def _asking(place: Path) -> Asking:
    return Asking(hunts_of([place / "own"]).chosen(["odd-tool"]), "zh")


def test_findings_are_found_without_a_folder_and_nothing_is_written(place: Path) -> None:
    before = sorted(place.rglob("*"))
    done = hunt(_asking(place), Options(paths=(place / "logs.json",)))
    assert (done.results[0].found, done.events, done.made_of, done.case) == (5, 60, None, None)
    assert sorted(place.rglob("*")) == before


def test_every_finding_stands_in_an_incident_though_it_is_mild_and_usual(place: Path) -> None:
    done = hunt(_asking(place), Options(paths=(place / "logs.json",)), place / "hunted")
    signals = pq.read_table(place / "hunted" / "signals.parquet").to_pylist()
    assert len(signals) == 5
    assert all(row["incident"] and row["detector"] == "hunt" and row["rule"] == "hunt:odd-tool" for row in signals)
    case = read_case(place / "hunted")
    assert case == done.case
    assert case.incidents[0].title == "可疑工具"
    assert case.incidents[0].trace
    assert case.incidents[0].trace.nodes
    kept = json.loads((place / "hunted" / RESULTS).read_text("utf-8"))
    assert [HuntResult.model_validate(one) for one in kept] == list(done.results)


def test_a_case_is_asked_of_what_it_keeps(place: Path) -> None:
    options = Options(paths=(place / "logs.json",), own_rules=False)
    investigate(options, place / "all", "en", "all")
    investigate(options, place / "evidence", "en", "evidence")
    found = hunt(_asking(place), Options(paths=(place / "all",)))
    assert (found.results[0].found, found.events, found.made_of) == (5, 60, 60)
    events = {event for finding in found.results[0].findings for event in finding.events}
    fresh = hunt(_asking(place), Options(paths=(place / "logs.json",)))
    assert events == {event for finding in fresh.results[0].findings for event in finding.events}
    with pytest.raises(FileNotFoundError, match="no kept events"):
        hunt(_asking(place), Options(paths=(place / "evidence",)))

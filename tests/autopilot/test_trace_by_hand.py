"""A day of the range traced by hand: from the dropped program back to the mail and on to what it ran, from a case or from the evidence."""

import json
from pathlib import Path

import pytest

from watchkeeper.autopilot import Options, investigate
from watchkeeper.autopilot.trace_by_hand import trace_by_hand
from watchkeeper.cyberrange import generate
from watchkeeper.model.walk import Branch, Walk
from watchkeeper.tracing.walking import Bounds

BOTH = {"back": True, "forward": True}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("range")
    generate("phishing-ransomware", 7, folder)
    return folder / "evidence"


@pytest.fixture(scope="module")
def case(evidence: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("case")
    investigate(Options(paths=(evidence,)), folder, "en", "all")
    return folder


def _started(walk: Walk) -> Branch:
    return next(branch for branch in (*walk.back, *walk.forward) if branch.above is None)


def _some_process(case: Path) -> tuple[str, str]:
    """Give host and id of a process of the first incident that was started in the record and started others."""

    trace = json.loads((case / "incidents.json").read_bytes())["incidents"][0]["trace"]
    acted = {edge["source"] for edge in trace["edges"] if edge["kind"] == "started"}
    begun = {edge["target"] for edge in trace["edges"] if edge["kind"] == "started"}
    node = next(node for node in trace["nodes"] if node["kind"] == "process" and node["id"] in acted & begun and "pid" in node["details"])
    return node["host"], node["details"]["pid"]


def test_a_process_leads_back_to_who_started_it_and_on_to_what_it_started(case: Path) -> None:
    host, pid = _some_process(case)
    walk = trace_by_hand(case, f"{host}:{pid}", Bounds(), **BOTH)
    starts = {branch.node.id: branch.node for branch in (*walk.back, *walk.forward) if branch.above is None}
    assert {(node.host, node.details["pid"]) for node in starts.values()} == {(host, pid)}
    assert any(branch.above in starts and branch.acted and branch.kind == "started" for branch in walk.back)
    assert any(branch.above in starts and not branch.acted and branch.kind == "started" for branch in walk.forward)
    held = {branch.node.id for branch in (*walk.back, *walk.forward)}
    assert all(branch.above is None or branch.above in held for branch in (*walk.back, *walk.forward))
    assert all(branch.event for branch in (*walk.back, *walk.forward) if branch.above)


def test_evidence_is_read_first_and_gives_the_same(case: Path, evidence: Path) -> None:
    what = ":".join(_some_process(case))
    assert trace_by_hand(evidence, what, Bounds(), **BOTH) == trace_by_hand(case, what, Bounds(), **BOTH)


def test_an_event_is_named_by_its_first_characters(case: Path) -> None:
    walk = trace_by_hand(case, ":".join(_some_process(case)), Bounds(), back=True, forward=False)
    (event,) = walk.events
    assert trace_by_hand(case, event[:12], Bounds(), back=True, forward=False) == walk
    assert not walk.forward


def test_nothing_is_followed_deeper_than_asked(case: Path) -> None:
    walk = trace_by_hand(case, ":".join(_some_process(case)), Bounds(depth=1), back=False, forward=True)
    start = _started(walk)
    assert {branch.above for branch in walk.forward if branch.above} == {start.node.id}
    assert any(note.code == "walk.deeper.forward" for note in walk.notes)


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("zz", "no kept event's id begins with 'zz'"),
        ("", "is the beginning of several ids"),
        ("nowhere:7", "no kept event is about a host 'nowhere'; there are "),
    ],
)
def test_what_is_not_there_is_refused_with_what_is_near(case: Path, what: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        trace_by_hand(case, what, Bounds(), **BOTH)


def test_an_unknown_process_names_its_neighbours(case: Path) -> None:
    host, _ = _some_process(case)
    with pytest.raises(ValueError, match=f"no process 999999 is known on '{host}'; nearest: [0-9]+"):
        trace_by_hand(case, f"{host}:999999", Bounds(), **BOTH)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is not there"):
        trace_by_hand(tmp_path / "none", "a", Bounds(), **BOTH)

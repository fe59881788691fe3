"""The exam of tracing: what is right, wrong or counted apart, on cases made by hand and on one that the product made."""

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import tracing_million
import tracing_otrf
import tracing_range
import tracing_small
import tracing_techniques
from tracing_case import Case, leads
from tracing_claims import checked
from truth import Truth
from typer.testing import CliRunner

import tracing
from watchkeeper.cli import app

EVENTS = {"run": ("evil.zip!a.json", 0), "who": ("evil.zip!a.json", 1), "net": ("evil.zip!a.json", 2), "far": ("evil.zip!b.json", 0)}
TRUTH = {
    "set": "compound/evil",
    "techniques": ["T1033"],
    "hosts": ["one", "two"],
    "entry": 1,
    "lateral": [{"from": "one", "to": "two", "step": 3}],
    "steps": [
        {"command": "options", "not_logged": "console"},
        {"command": "run", "events": [{"file": "a.json", "row": 0, "what": "sysmon 1"}]},
        {"command": "whoami", "events": [{"file": "a.json", "row": 1, "what": "sysmon 1"}]},
        {"command": "winrm", "events": [{"file": "b.json", "row": 0, "what": "sysmon 1"}]},
    ],
}


def node(name: str, kind: str = "process", host: str = "one") -> dict[str, object]:
    return {"id": name, "kind": kind, "label": name, "host": host}


def edge(source: str, target: str, *evidence: str) -> dict[str, object]:
    return {"source": source, "target": target, "evidence": list(evidence)}


def trace(entry: str | None, edges: Sequence[dict[str, object]], note: str = "trace.entry-inside") -> dict[str, object]:
    nodes = [node("shell"), node("payload"), node("10.0.0.2", "address", ""), node("remote", host="two.example"), node("before")]
    return {"nodes": nodes, "edges": list(edges), "entry": entry, "entry_note": {"code": note}, "events": ["who"], "story": []}


def case(tmp_path: Path, incidents: list[dict[str, object]], signals: Sequence[tuple[str, int]] = ()) -> Case:
    tmp_path.mkdir(exist_ok=True)
    asset = {"name": "two", "addresses": ["10.0.0.2"]}
    told = {"incidents": incidents, "assets": [asset], "sources": [{"source": source, "events": 1} for source, _ in EVENTS.values()]}
    (tmp_path / "incidents.json").write_text(json.dumps(told), "utf-8")
    fired = {"source": [source for source, _ in signals], "row": [0 for _ in signals], "rank": [rank for _, rank in signals]}
    pq.write_table(pa.table(fired | {"event_id": ["run" for _ in signals]}), tmp_path / "signals.parquet")
    (tmp_path / "events").mkdir(exist_ok=True)
    kept = {"_id": list(EVENTS), "_source": [one[0] for one in EVENTS.values()], "_row": [one[1] for one in EVENTS.values()]}
    pq.write_table(pa.table(kept), tmp_path / "events" / "part-00000.parquet")
    return Case(tmp_path, 1.0)


def incident(found: dict[str, object] | None, **more: object) -> dict[str, object]:
    return {"id": "i", "rank": 1, "hosts": ["one", "two"], "techniques": ["T1033"], "start": "2022-05-11T18:10:00Z", "trace": found} | more


def judged(tmp_path: Path, found: dict[str, object], **changed: object) -> tracing_otrf.Traced:
    return tracing_otrf.traced(Truth.model_validate(TRUTH | changed), case(tmp_path, [incident(found)]), held_out=False)


def test_a_step_is_in_the_graph_only_if_an_edge_cites_its_event(tmp_path: Path) -> None:
    found = judged(tmp_path, trace("payload", [edge("payload", "shell", "run", "net")]))
    assert (found.logged, found.in_graph, found.followed, found.missing) == (3, 1, 2, ("whoami", "winrm"))
    assert tracing_otrf.figures([found])["steps"] == "1/3 (33%)"


@pytest.mark.parametrize(
    ("at", "note", "entry", "verdict"),
    [
        ("payload", "trace.entry-inside", 1, "tied"),
        ("shell", "trace.entry-inside", 1, "tied"),
        ("before", "trace.entry-before", 1, "earlier"),
        ("before", "trace.entry-inside", 1, "wrong"),
        ("remote", "trace.entry-before", 1, "wrong"),
        (None, "trace.nothing", 1, "none"),
        ("remote", "trace.entry-before", "before", "said"),
        ("payload", "trace.entry-inside", "before", "first"),
        ("remote", "trace.entry-inside", "before", "wrong"),
    ],
)
def test_the_entry_is_tied_said_or_counted_apart(tmp_path: Path, at: str | None, note: str, entry: object, verdict: str) -> None:
    edges = [edge("before", "payload", "net"), edge("payload", "shell", "run"), edge("shell", "remote", "who")]
    assert judged(tmp_path, trace(at, edges, note), entry=entry).entry == verdict


def test_a_move_needs_both_hosts_and_an_edge_between_them(tmp_path: Path) -> None:
    apart = trace("payload", [edge("payload", "shell", "run")])
    by_address = trace("payload", [edge("shell", "10.0.0.2", "net")])
    by_process = trace("payload", [edge("shell", "remote", "far")])
    assert [judged(tmp_path, found).moves_right for found in (apart, by_address, by_process)] == [0, 1, 1]
    lonely = case(tmp_path, [incident(by_process, hosts=["one"])])
    assert tracing_otrf.traced(Truth.model_validate(TRUTH), lonely, held_out=False).moves_right == 0


def test_paths_are_followed_in_their_direction() -> None:
    found = trace("before", [edge("before", "payload", "net"), edge("payload", "shell", "run")])
    assert leads(found, "before", {"shell"})
    assert not leads(found, "shell", {"before"})


def test_a_label_counts_by_parent_and_only_among_few(tmp_path: Path) -> None:
    one = case(tmp_path, [incident(None, techniques=["T1003.001"])], [("evil.zip!a.json", 1)])
    assert tracing_techniques.named(Path("evil.zip"), ("T1003.002",), one, held_out=True).right
    assert not tracing_techniques.named(Path("evil.zip"), ("T1033",), one, held_out=True).right
    many = case(tmp_path / "many", [incident(None, techniques=[f"T10{number}" for number in range(10, 19)])], [("evil.zip!a.json", 1)])
    found = tracing_techniques.named(Path("evil.zip"), ("T1010",), many, held_out=True)
    assert (found.hit, found.named, found.right) == (("T1010",), 9, False)
    assert tracing_techniques.figures([found])["labelled_among_any_number"] == "1/1 (100%)"


def test_labels_are_those_of_the_metadata() -> None:
    told = {"attack_mappings": [{"technique": "T1003", "sub-technique": "001"}, {"technique": "T1033", "sub-technique": None}]}
    assert tracing_techniques.labels(told) == ("T1003.001", "T1033")


def test_small_sets_need_as_many_incidents_as_told_of_their_days(tmp_path: Path) -> None:
    told = {"day": "2022-05-11", "hosts": ["one"], "attackers": [], "story": "a", "sources": ["evil.zip"]}
    truth = Truth.model_validate({"set": "compound/evil", "techniques": [], "hosts": [], "why": "none", "steps": [], "incidents": [told]})
    right = tracing_small.counted(truth, case(tmp_path / "a", [incident(None)], [("evil.zip!a.json", 1)]))
    assert (right.right, right.across, right.hosts) == (True, True, 1)
    assert not tracing_small.counted(truth, case(tmp_path / "b", [incident(None), incident(None)])).right
    late = tracing_small.counted(truth, case(tmp_path / "c", [incident(None, start="2022-05-13T01:00:00Z")]))
    assert (late.right, late.across) == (False, False)


def test_the_halves_are_fixed_and_apart(tmp_path: Path) -> None:
    found = [judged(tmp_path, trace("payload", [edge("payload", "shell", "run")]))]
    halves = tracing.halves(found, tracing_otrf.figures)
    assert (halves["held out"]["sets"], halves["the others"]["sets"]) == (0, 1)
    names = [f"set{number}" for number in range(64)]
    assert 16 < sum(map(tracing.held_out, names)) < 48
    assert [tracing.held_out(name) for name in ("LSASS_campaign_01", "Log4Shell")] == [True, False]


def test_the_range_is_scored_by_where_and_how_it_began(tmp_path: Path) -> None:
    truth = tmp_path / "truth"
    truth.mkdir()
    marked = [("a", "one", 0), ("a", "one", 1), ("b", "two", 0)]
    lines = [json.dumps({"step": step, "technique": "T1", "host": host, "file": f"{step}.json", "row": row}) for step, host, row in marked]
    (truth / "attack_events.jsonl").write_text("\n".join(lines), "utf-8")
    steps = tracing_range.steps_of(truth)
    assert steps == [{("a.json", 0), ("a.json", 1)}, {("b.json", 0)}]
    found, began = trace("payload", [edge("payload", "shell", "run")]), {"host": "one", "process": "C:\\Tools\\payload"}
    made = case(tmp_path, [incident(found)])
    assert tracing_range.entry(made, found, node("payload"), {("evil.zip!a.json", 0)}, began) == "tied"
    assert tracing_range.entry(made, found, node("payload"), steps[1], began) == "named"
    assert tracing_range.entry(made, found, node("payload", host="two"), steps[1], began) == "wrong"


def test_a_later_turn_is_on_other_hosts_and_days() -> None:
    line = b'{"Hostname":"MKT01.pandalab.com","UtcTime":"2023-08-16 04:54:30.987","Image":"C:\\\\x.exe"}\n'
    assert tracing_million.moved(line, 0) == line
    assert (
        tracing_million.moved(line, 2) == b'{"Hostname":"MKT01x2.pandalab.com","UtcTime":"2023-10-15 04:54:30.987","Image":"C:\\\\x.exe"}\n'
    )
    assert tracing_million.moved(b"1692161674.5\tuid\n", 1) == b"1694753674.5\tuid\n"


def test_sentences_of_a_real_case_stand_and_an_altered_one_is_refused(tmp_path: Path) -> None:
    moment = '"TimeCreated":"2024-03-05T09:00:00Z","@timestamp":"2024-03-05T09:00:00Z","Hostname":"ws7"'
    start = (
        '{"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,' + moment + ',"UtcTime":"2024-03-05 09:00:00.000",'
        '"ProcessGuid":"{1}","ProcessId":"42","ParentProcessGuid":"{0}","ParentProcessId":"7","User":"X\\\\eva",'
        '"Image":"C:\\\\Users\\\\eva\\\\procdump.exe","ParentImage":"C:\\\\Windows\\\\System32\\\\cmd.exe",'
        '"CommandLine":"procdump.exe -accepteula -ma lsass.exe C:\\\\Windows\\\\Temp\\\\l.dmp"}\n'
    )
    (tmp_path / "made.json").write_text(start, "utf-8")
    out = tmp_path / "case"
    words = ["investigate", str(tmp_path / "made.json"), "--out", str(out), "--state", str(tmp_path / "state")]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    claims, refused = checked(Case(out, 1.0))
    assert (claims > 0, dict(refused)) == (True, {})
    told = json.loads((out / "incidents.json").read_text("utf-8"))
    claim = next(claim for one in told["incidents"] for claim in one["trace"]["story"] if "image" in claim["arguments"])
    claim["arguments"]["image"], claim["arguments"]["parent"] = claim["arguments"]["parent"], claim["arguments"]["image"]
    (out / "incidents.json").write_text(json.dumps(told), "utf-8")
    assert dict(checked(Case(out, 1.0))[1]) == {"refusal.argument": 1}

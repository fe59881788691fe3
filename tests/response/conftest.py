"""A small incident with a trace, as the steps before would leave it."""

from datetime import UTC, datetime

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Edge, Node, NodeKind, Trace
from watchkeeper.model.verdict import Verdict

NOW = datetime(2025, 5, 5, 12, tzinfo=UTC)
OUTSIDE = "203.0.113.66"


def _node(name: str, kind: NodeKind, label: str, *, alerted: bool = False, **details: str) -> Node:
    return Node(
        id=name,
        kind=kind,
        label=label,
        host="" if kind in {"address", "domain"} else "ws1",
        time=NOW,
        details=details,
        alerted=alerted,
        tactic="",
    )


def _edge(source: str, target: str, kind: str) -> Edge:
    return Edge(source=source, target=target, kind=kind, time=NOW, evidence=(f"{source}-{target}",))


@pytest.fixture
def incident() -> Incident:
    trace = Trace(
        nodes=(
            _node("word", "process", "winword.exe", pid="4"),
            _node("ps", "process", "powershell.exe", alerted=True, pid="44"),
            _node("lsass", "process", "lsass.exe", alerted=True, pid="600"),
            _node("c2", "address", OUTSIDE),
            _node("own", "address", "10.0.0.9"),
            _node("site", "domain", "Evil.example"),
            _node("ours", "domain", "intranet.example"),
            _node("all", "domain", "co.uk"),
            _node("drop", "file", "stage.exe", path="C:\\Users\\a\\stage.exe"),
            _node("doc", "file", "report.docx", path="C:\\Users\\a\\report.docx"),
            _node("run", "registry", "Updater", alerted=True, path="HKU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Updater"),
            _node("bob", "user", "CORP\\bob", alerted=True),
            _node("sys", "user", "SYSTEM", alerted=True),
        ),
        edges=(
            _edge("word", "ps", "started"),
            _edge("ps", "c2", "connected"),
            _edge("ps", "own", "connected"),
            _edge("ps", "site", "asked"),
            _edge("ps", "ours", "asked"),
            _edge("ps", "all", "asked"),
            _edge("ps", "drop", "wrote"),
            _edge("ps", "doc", "wrote"),
            _edge("ps", "run", "set"),
            _edge("lsass", "c2", "connected"),
            _edge("bob", "word", "ran"),
            _edge("sys", "lsass", "ran"),
        ),
        entry="word",
        entry_note=Note(code="x"),
        story=(),
        dropped_claims=0,
        attackers=(
            Entity(kind="address", value=OUTSIDE),
            Entity(kind="address", value="10.0.0.9"),
            *(Entity(kind="domain", value=value) for value in ("evil.example", "intranet.example", "co.uk", "unseen.example")),
        ),
        techniques=(),
        unknowns=(),
        events_read=9,
    )
    verdict = Verdict(outcome="succeeded", confidence=0.9, hypothesis="h", why=(), missing=(), opinions=(), decided_by="fast")
    return Incident(
        id="i", rank=1, title="t", level="high", score=9.0, start=NOW, end=NOW, sessions=("s",), folds=(), hosts=("ws1",), entities=(),
        techniques=(), tactics=("credential-access", "impact", "exfiltration"), why=(), shown=True, verdict=verdict, trace=trace,
    )  # fmt: skip

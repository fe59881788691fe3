"""Facts and playbooks for tests of reading and walking."""

from typing import Any

import pytest

from watchkeeper.autopilot.playbooks.reading import sound_playbook
from watchkeeper.model.asset import Asset
from watchkeeper.model.condition import IncidentFacts
from watchkeeper.model.entity import Entity
from watchkeeper.model.fold import Fold
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.playbook import Playbook
from watchkeeper.model.trace import Edge, Node, Trace
from watchkeeper.model.verdict import Verdict
from watchkeeper.response import plan

FACTS = IncidentFacts(
    outcome="succeeded", hypothesis="intrusion-with-remote-control", attack=0.9, level="high", tactics=("execution", "command-and-control"),
    techniques=("T1059.001", "T1071"), roles=("workstation",), protected=False, hosts=1, signals=12, attackers=1,
    planned=("snapshot_evidence", "block_address"), off_hours=True, synthetic=False,
)  # fmt: skip


@pytest.fixture
def facts() -> IncidentFacts:
    return FACTS


def made(steps: dict[str, Any], start: str = "first", wanted: object = None) -> Playbook:
    """Give a playbook of these steps."""
    chosen = {"for": wanted} if wanted else {}
    return sound_playbook({"title": "a test", "start": start, "steps": steps, **chosen}, "test", "the test's playbook")


def act(**more: object) -> dict[str, Any]:
    """Give a step that blocks addresses."""
    return {"kind": "act", "actions": [{"action": "block_address"}], "next": "end", **more}


END = {"kind": "end"}


_DROPPED = {"path": "c:\\t\\drop.exe", "sha256": "ab" * 32}
_NODES = (
    Node(id="n1", kind="process", label="evil.exe", host="pc-1", time=None, details={"pid": "4711"}, alerted=True, tactic=""),
    Node(id="n2", kind="address", label="203.0.113.7", host="", time=None, details={}, alerted=False, tactic=""),
    Node(id="n3", kind="file", label="drop.exe", host="pc-1", time=None, details=_DROPPED, alerted=False, tactic=""),
    Node(id="n4", kind="user", label="ACME\\eve", host="", time=None, details={}, alerted=True, tactic=""),
    Node(id="n5", kind="service", label="updsvc", host="dc01", time=None, details={}, alerted=True, tactic=""),
)  # fmt: skip
_EDGES = tuple(
    Edge(source=source, target=target, kind=kind, time=None, evidence=(event,))
    for source, target, kind, event in (
        ("n1", "n2", "connected", "e1"), ("n1", "n3", "wrote", "e2"), ("n4", "n1", "started", "e3"), ("n1", "n5", "wrote", "e4"),
    )
)  # fmt: skip
_FOLD = Fold(
    id="f1", session="s1", rule="r1", title="Evil", level="high", host="pc-1", user="acme\\eve", first=None, last=None, count=7,
    exemplars=(), novelty=3, why=(),
)  # fmt: skip


def incident() -> Incident:
    """Give an intrusion on a desk and a domain controller, with its trace and the plan that follows from it."""
    trace = Trace(
        nodes=_NODES, edges=_EDGES, entry=None, entry_note=Note(code="trace.entry"), story=(), dropped_claims=0, techniques=(), unknowns=(),
        attackers=(Entity(kind="address", value="203.0.113.7"), Entity(kind="account", value="eve")), events_read=9,
        contacts={"203.0.113.7": ("e1",)},
    )  # fmt: skip
    verdict = Verdict(
        outcome="succeeded", confidence=0.9, attack=0.97, hypothesis="intrusion-with-remote-control", why=(), missing=(), opinions=(),
        decided_by="fast",
    )  # fmt: skip
    found = Incident(
        id="i1", rank=1, title="Evil", level="high", score=9, start=None, end=None, sessions=("s1",), folds=(_FOLD,),
        hosts=("pc-1", "dc01"),
        entities=(Entity(kind="user", value="acme\\eve"),), techniques=("T1059",), tactics=("execution",), why=(), shown=True,
        verdict=verdict, trace=trace,
    )  # fmt: skip
    return found.model_copy(update={"plan": plan(found, lambda name: Asset(name=name))})

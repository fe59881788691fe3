"""Trace: what happened around an incident as a graph and a story. Owns the shapes; search and story are `tracing`'s."""

from typing import Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.claim import Claim
from watchkeeper.model.entity import Entity
from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun

NodeKind = Literal[
    "process", "file", "registry", "address", "domain", "logon", "user", "host", "service", "task", "url", "mail", "cloud", "unknown",
    "folded",
]  # fmt: skip


class Member(Noun):
    """Some of what a folded node stands for: the things of one name."""

    label: str
    """Their name, with its folder where it has one."""
    count: int
    """How many of that name there are."""


class Node(Noun):
    """One thing in the graph."""

    id: str
    """Stable id within the trace."""
    kind: NodeKind
    """What it is; `unknown` stands for missing telemetry, `folded` for several alike."""
    label: str
    """Short name for the picture."""
    host: str
    """Host it is on; empty for things outside."""
    time: AwareDatetime | None
    """When it was first seen in this trace, UTC."""
    details: dict[str, str]
    """What a person would want on click: command line, user, hash, pid."""
    alerted: bool
    """Whether a signal of the incident fired on it."""
    tactic: str
    """ATT&CK tactic of the signals on it, the latest in the usual order; empty if none."""
    count: int = 1
    """How many things it stands for; above 1 only when folded."""
    members: tuple[Member, ...] = ()
    """What a folded node holds, the most frequent names first, at most thirty; those not named are in `count` alone."""


class Edge(Noun):
    """One thing did something to another."""

    source: str
    """Id of the node that acted."""
    target: str
    """Id of the node that was acted on."""
    kind: str
    """What it did, such as `started`, `wrote`, `connected`, `logged-on`; a key under `edge.` in the lexicon."""
    time: AwareDatetime | None
    """When, UTC."""
    evidence: tuple[str, ...]
    """Ids of the events that show it; never empty."""
    techniques: tuple[str, ...] = ()
    """ATT&CK techniques of signals on those events."""


class Trace(Noun):
    """Where an incident came from, what it touched, and what is unknown."""

    nodes: tuple[Node, ...]
    """At most fifty; the rest is folded with counts."""
    edges: tuple[Edge, ...]
    """What the nodes did to each other, in time order."""
    entry: str | None
    """Id of the earliest node we can tie to the incident; none if nothing could be traced."""
    entry_note: Note
    """How far back the record goes and whether the true entry may lie before it."""
    story: tuple[Claim, ...]
    """Checked claims in time order."""
    dropped_claims: int
    """Claims that failed the check against their events and were left out."""
    dropped_why: tuple[Note, ...] = ()
    """Why they failed: the first refusal of each kind, with the number of its kind as `times`."""
    attackers: tuple[Entity, ...]
    """Addresses, accounts and domains the attack came from or talked to, as far as the evidence goes."""
    techniques: tuple[str, ...]
    """At most eight ATT&CK techniques, those of the incident's signals that the trace supports best, first the best."""
    unknowns: tuple[Note, ...]
    """What could not be seen and why."""
    events_read: int
    """How many events of the neighbourhood were looked at."""
    contacts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Address that processes of the attack connected to, with the ids of a few events that show it."""
    acted: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Host on which the attack ran, logged on or opened shares, with the ids of a few of the events that show it."""
    events: tuple[str, ...] = ()
    """Ids of every event that belongs to the attack as far as it could be followed, drawn or not, in time order."""

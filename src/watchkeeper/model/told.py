"""What is told of an incident: four answers, story, graph, course. Owns the shapes; `reporting` has the words for them."""

from typing import Literal

from pydantic import AwareDatetime

from watchkeeper.model.flow import Flow
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.model.level import Level
from watchkeeper.model.noun import Noun
from watchkeeper.model.summary import IncidentSummary
from watchkeeper.model.trace import Edge, Node


class IncidentSeen(Noun):
    """An incident as people see it: how it stands, and all that is known of it."""

    summary: IncidentSummary
    """How it stands."""
    incident: Incident
    """What was found and made of it."""
    flow: Flow | None = None
    """How far it is on its way from verdict to report, with what was done and what could not be; none if it was never begun."""


class Answered(Noun):
    """One of the four questions with its answer."""

    question: str
    """The question."""
    headline: str
    """The answer in a sentence."""
    facts: tuple[str, ...]
    """What it rests on."""


class FourQuestions(Noun):
    """Where did it come from, did it succeed, what must be done, what else is there?"""

    incident: str
    """Id of the incident."""
    lang: Language
    """Language of the sentences."""
    answers: tuple[Answered, ...]
    """The four, in this order."""


class Sentence(Noun):
    """A checked sentence of a story."""

    text: str
    """The sentence."""
    time: AwareDatetime | None
    """When it happened, UTC."""
    host: str
    """Host it happened on."""
    tactic: str
    """ATT&CK tactic it serves, by short name; empty if it serves none."""
    techniques: tuple[str, ...]
    """ATT&CK techniques it shows."""
    events: tuple[str, ...]
    """Ids of the events that show it."""


class Story(Noun):
    """The story of an incident."""

    incident: str
    """Id of the incident."""
    lang: Language
    """Language of the sentences."""
    opening: tuple[Sentence, ...]
    """What happened in up to three sentences: entry, step, effect."""
    sentences: tuple[Sentence, ...]
    """Every checked sentence in time order; none if it was not traced."""
    dropped: int
    """Sentences that failed the check against their events and were left out."""
    unknowns: tuple[str, ...]
    """What could not be seen and why."""


class Graph(Noun):
    """The graph of an incident."""

    incident: str
    """Id of the incident."""
    nodes: tuple[Node, ...]
    """At most fifty; the rest is folded with counts."""
    edges: tuple[Edge, ...]
    """What the nodes did to each other, in time order."""
    entry: str | None
    """Id of the earliest node that is tied to the incident."""


class Happening(Noun):
    """Something in the course of an incident: what was seen, and what people did about it."""

    time: AwareDatetime
    """When, UTC."""
    kind: Literal["signals", "story", "comment", "assigned", "verdict", "closed", "re-opened"]
    """Signals of a rule, a sentence of the story, or what a person said or did."""
    text: str
    """What, in the reader's language or the person's own words."""
    host: str = ""
    """Host it is about, of what was seen."""
    level: Level | None = None
    """Severity of the rule, of signals."""
    count: int = 1
    """How many signals."""
    last: AwareDatetime | None = None
    """Time of the last of them, UTC."""
    by: str = ""
    """Who said or did it."""
    events: tuple[str, ...] = ()
    """Ids of a few events that show it."""

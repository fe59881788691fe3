"""Hands: what flows ask of the world. Owns the contract; `server.flows` and tests put it together."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.brain.ethics.circumstances import Circumstances
from watchkeeper.brain.ethics.ledger import Ledger
from watchkeeper.model.condition import IncidentFacts
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.playbook import Ask, Assign, Escalate, Playbook, Tell, Wanted
from watchkeeper.model.proposal import ActionRecord, Proposal, Seen
from watchkeeper.store import Store


@dataclass(frozen=True, slots=True)
class Hands:
    """What flows ask; every function may be called from several threads."""

    executor: str
    """Who walks: what it began, it alone goes on with at once."""
    store_of: Callable[[str], Store]
    """Gives a tenant's store."""
    ledger_of: Callable[[str], Ledger]
    """Gives a tenant's ledger of actions."""
    about_of: Callable[[str], Circumstances]
    """Gives what ethics may ask about a tenant's things."""
    playbook_for: Callable[[str, LiveIncident], tuple[Playbook | None, IncidentFacts]]
    """Gives the playbook for a tenant's incident, none if none fits, and what its conditions may ask."""
    proposals: Callable[[str, LiveIncident, Wanted, str], tuple[Proposal, ...]]
    """Gives what a tenant's incident gives reason to propose for what a playbook of a name wants."""
    told: Callable[[str, LiveIncident, Tell | Assign | Escalate, str], str]
    """Tells people what a step of a key says, or hands the incident to them; gives why they could not be told, empty if they were. The same
    key again does nothing more."""
    acted: Callable[[str, Iterable[str]], None]
    """Tells people how a tenant's actions of these ids stand, if that is worth telling; the same again tells nothing more."""
    asked: Callable[[str, LiveIncident, Ask, str], tuple[str, str]]
    """Asks people what a step of a key asks, and gives the question's id and why they could not be told of it, if so; the same key again
    asks nothing more."""
    answers_of: Callable[[str, str], Mapping[str, str]]
    """Gives the answers to questions about a tenant's incident: names of choices by the question's id."""
    telemetry_of: Callable[[ActionRecord], Seen | None]
    """Looks in the events for the effect of an action; none where they cannot show it."""
    clock: Callable[[], datetime]
    """The time, UTC."""

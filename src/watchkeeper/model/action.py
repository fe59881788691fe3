"""Action, Plan and Verification: what to do, with its price, and what was checked. Owns the shapes; the catalogue is `response`'s."""

from pydantic import AwareDatetime

from watchkeeper.model.entity import Entity
from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun


class Action(Noun):
    """One suggested change, with its blast radius and its undo; suggesting it changes nothing."""

    name: str
    """Name in the catalogue, such as `block_address`."""
    target: Entity
    """What it would act on."""
    why: tuple[Note, ...]
    """What it stops, and the facts it rests on."""
    evidence: tuple[str, ...]
    """Ids of the events it rests on; never empty."""
    do: Note
    """What would be done, in words an operator can follow."""
    undo: Note | None
    """How to take it back; none if it cannot be taken back."""
    check: Note
    """How to see that it worked."""
    blast_radius: int | None
    """How many hosts, users or services feel it; none means unknown and counts as everything."""
    blast_note: Note
    """Who feels it."""
    expiry_seconds: int | None
    """After how long it should end by itself, seconds; none if it does not expire."""
    needs: tuple[Note, ...]
    """Approvals and conditions before it may run: protected assets, what cannot be undone."""
    priority: int
    """Order in the plan, 1 first."""


class Plan(Noun):
    """What should be done, in order; nothing of it has been executed."""

    actions: tuple[Action, ...]
    """Suggested actions, in order."""
    withheld: tuple[Note, ...]
    """What was not suggested and why."""
    manual: tuple[Note, ...]
    """Steps only people can take, in order."""


class Verification(Noun):
    """What was checked after the other steps."""

    executed: int
    """How many actions were executed; 0 while the plan is only suggested."""
    effective: int
    """How many of them were seen to work."""
    last_activity: AwareDatetime | None
    """Last event of the incident, UTC."""
    record_end: AwareDatetime | None
    """Last event of the whole record, UTC: how long it stayed quiet afterwards."""
    claims_checked: int
    """Claims of the story that were checked against their events."""
    claims_refused: int
    """Of these, how many failed and were dropped."""
    why: tuple[Note, ...]
    """What the check found: still going on, quiet since, or the record ends too early to say."""

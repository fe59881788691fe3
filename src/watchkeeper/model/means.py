"""Means: how an action is done, taken back and looked at in one place. Owns the contract; `response` has them, ethics alone uses them."""

from collections.abc import Callable
from dataclasses import dataclass

from pydantic import AwareDatetime

from watchkeeper.model.entity import Entity
from watchkeeper.model.noun import Noun
from watchkeeper.model.proposal import Done, Proposal, Seen


class Job(Noun):
    """What a place is told: the same job again must change nothing more."""

    key: str
    """Idempotency key: the id of the proposal."""
    tenant: str
    """Whose things it acts on."""
    incident: str
    """Id of the incident that it is for; empty if there is none."""
    action: str
    """Name in the catalogue."""
    targets: tuple[Entity, ...]
    """What it acts on."""
    arguments: dict[str, str]
    """What else it needs."""
    expires: AwareDatetime | None
    """When the place itself should end it, UTC, where it can; none if it lasts."""
    reference: str = ""
    """What the place called it when it was done, or what `Means.former` gave before; for undo and check."""


@dataclass(frozen=True, slots=True)
class Means:
    """One action at one place. Each function may take seconds and is called outside of any transaction.

    They raise `OSError` (`ConnectionError`, `TimeoutError`) if the place does not answer, which may be tried again, and `ValueError` if it
    refuses or cannot do this at all, which may not. Messages name the place and never hold a secret.
    """

    place: str
    """Name of the place, as configured."""
    action: str
    """Name in the catalogue."""
    do: Callable[[Job], Done]
    undo: Callable[[Job], Done] | None
    """None where it cannot be taken back."""
    check: Callable[[Job], Seen]
    """Look at the target itself whether the effect is there, never at what `do` answered."""
    former: Callable[[Job], str] | None = None
    """Look, before anything changes, at what `undo` will have to bring back. What it gives is kept with the intent and is the job's
    `reference` from then on, so that dying between the change and its record loses nothing. It is never empty: that nothing is there is
    something to know, too. None where `undo` needs to know nothing."""


MeansOf = Callable[[Proposal], Means | None]
"""Gives the means for a proposal; none if nobody configured a place for it."""

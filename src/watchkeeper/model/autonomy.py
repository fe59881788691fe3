"""Autonomy: how far the system may go without a person, and what has to be known of an action for that. Owns levels, traits, rulings."""

from typing import Literal

from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun

Autonomy = Literal["L0", "L1", "L2", "L3", "L4", "L5"]
"""L0 observes, L1 suggests, L2 acts after approval, L3 does alone what can be undone and is small, L4 also isolates hosts and disables
accounts with an expiry and a notice, L5 does everything (ranges only)."""
AUTONOMIES: tuple[Autonomy, ...] = ("L0", "L1", "L2", "L3", "L4", "L5")
"""Every level, the least first."""
RulingOutcome = Literal["run", "ask", "refuse"]
"""It may run now; people have to approve it first; it may not run at all as things stand."""


class ActionTraits(Noun):
    """What an action of the catalogue is, whatever it acts on."""

    name: str
    """Name in the catalogue, such as `block_address`."""
    alone_from: Autonomy
    """The level from which it may run without a person, if all else allows it."""
    undoable: bool
    """Whether it can be taken back."""
    changes_state: bool = True
    """Whether something outside this system is otherwise afterwards; what only tells or copies needs no approval of its own."""
    expiry_seconds: int | None
    """After how long it ends by itself unless asked otherwise, seconds; none if it lasts until it is undone."""
    check_seconds: int = 60
    """How long after it was done its effect has to show, seconds."""
    openc2: tuple[str, str]
    """OpenC2's action and target type, such as (`deny`, `ipv4_net`)."""
    d3fend: str
    """D3FEND technique, such as `D3-NTF`; empty if there is none."""


class Ruling(Noun):
    """What ethics says of a proposal, and why."""

    outcome: RulingOutcome
    """What may happen now."""
    level: Autonomy
    """The effective level: the lowest of policy, action, asset, confidence and time of day."""
    approvals: int
    """How many distinct people, none of them the requester, have to approve: 0, 1 or 2."""
    why: tuple[Note, ...]
    """What led to it, what weighs most first; never empty."""

"""Checked: one thing that was looked at in an installation, how it is, and what to do. Owns the shape alone."""

from typing import Literal, get_args

from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun

Empty = Literal["events", "signals", "incidents"]
EMPTY: tuple[Empty, ...] = get_args(Empty)
"""What may be empty, in the order in which one comes from the other."""


class Checked(Noun):
    """One thing that was looked at."""

    state: Literal["good", "worth-knowing", "bad"]
    """Good, nothing to worry about yet but worth knowing, or it does not work."""
    what: Note
    """What was found."""
    mend: Note | None = None
    """What to do about it; none where nothing need be done."""

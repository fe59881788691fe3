"""ReplayTold: what rules found in kept events. Owns the shape."""

from watchkeeper.model.noun import Noun
from watchkeeper.model.signal import Signal


class ReplayTold(Noun):
    """What rules find in the kept events of a case."""

    signals: tuple[Signal, ...]
    """Signals that the case does not have, in time order, the first five hundred."""
    new: int
    """How many there are."""
    known: int
    """Signals that it has already."""
    events: int
    """Events that were looked at."""
    read: int | None
    """Events that were read when the case was made, of which it may not keep all; none if it does not say."""
    problems: tuple[str, ...]
    """Rules that failed on events, and what was not counted."""

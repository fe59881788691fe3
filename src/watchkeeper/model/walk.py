"""Walk: what a person finds who follows one thing through the stored edges. Owns the shapes; walking is `tracing`'s."""

from pydantic import AwareDatetime

from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun
from watchkeeper.model.trace import Node


class Branch(Noun):
    """One thing that was reached, and by which edge."""

    node: Node
    """The thing."""
    above: str | None
    """Id of the node that it was reached from; none for where the walk began."""
    kind: str
    """What the one did to the other; a key under `edge.` in the lexicon; empty where the walk began."""
    acted: bool
    """Whether this thing did it to the one above; else the one above did it to this."""
    time: AwareDatetime | None
    """When, UTC."""
    event: str
    """Id of an event that shows it; empty where the walk began without one."""
    alike: int = 0
    """So many more like it hang on the same thing and are not listed."""


class Walk(Noun):
    """What led to a thing, and what it did."""

    events: tuple[str, ...]
    """Ids of the events in which the walk began."""
    back: tuple[Branch, ...]
    """What led to it, nearest first, each after the one it hangs on; empty if not asked for."""
    forward: tuple[Branch, ...]
    """What it did, likewise."""
    notes: tuple[Note, ...]
    """What was left out, cut or not followed, with counts."""
    read: int
    """Events that were read."""

"""SignalPlaced: a signal with where correlation put it, and what a list of them is narrowed to. Owns the shapes."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from watchkeeper.model.level import Level
from watchkeeper.model.noun import Noun
from watchkeeper.model.signal import Signal
from watchkeeper.model.summary import Text


class SignalPlaced(Signal):
    """A signal in its fold, session and incident."""

    fold: str
    """Id of its fold; empty if it was set aside."""
    session: str
    """Id of its session; empty if it was set aside."""
    incident: str | None
    """Id of the incident that it is part of, as it was found; none if of none."""
    rank: int | None
    """That incident's rank; none if of none."""
    shown: bool
    """Whether a person sees it without asking."""
    suppressed: str | None
    """Id of the suppression that set it aside; none if nothing did."""
    case: str
    """Id of the case that it was found in; `live` for the stream."""


class SignalFilter(Noun):
    """Which signals a list is narrowed to; every condition given must hold."""

    rule: Annotated[str, Field(max_length=512)] = ""
    """Id of the rule."""
    level: Level | None = None
    """This severity or a higher one."""
    host: Text = ""
    """Host the event is about."""
    user: Text = ""
    """User who acted."""
    detector: Text = ""
    """Who says so."""
    incident: Text = ""
    """Id of the incident, as it was found, that it is part of."""
    since: AwareDatetime | None = None
    """Not earlier than this."""
    until: AwareDatetime | None = None
    """Not later than this."""
    shown: bool | None = None
    """Whether a person sees it without asking."""
    suppressed: bool | None = None
    """Whether a suppression set it aside."""

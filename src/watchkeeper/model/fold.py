"""Fold and Session: signals folded away without losing one. Owns the shapes; the folding is `correlation`'s."""

from pydantic import AwareDatetime

from watchkeeper.model.level import Level
from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun
from watchkeeper.model.verdict import Verdict


class Fold(Noun):
    """Repeated signals of one rule, host and user in one session; every evidence id stays reachable through `signals.parquet`."""

    id: str
    """Id from session, rule, host and user."""
    session: str
    """Session it belongs to."""
    rule: str
    """Id of the rule."""
    title: str
    """Title of the rule."""
    level: Level
    """Severity of the rule."""
    host: str
    """Host the signals are about; empty if unknown."""
    user: str
    """User who acted; empty if unknown."""
    first: AwareDatetime | None
    """Time of the first signal, UTC; none if no signal has a time."""
    last: AwareDatetime | None
    """Time of the last signal, UTC."""
    place: str = ""
    """Where its signals are filed, as `kind:value`: its host, else who acted, else its first address, else who reported it."""
    count: int
    """How many signals were folded."""
    exemplars: tuple[str, ...]
    """Ids of a few signals that stand for the rest, the first and the last among them."""
    techniques: tuple[str, ...] = ()
    """ATT&CK technique ids of the rule."""
    tactics: tuple[str, ...] = ()
    """ATT&CK tactics of the rule."""
    novelty: float
    """How unusual this rule is on this host and anywhere, in nats; 0 is everyday."""
    why: tuple[Note, ...]
    """Why these signals are one fold and what its novelty comes from."""


class Session(Noun):
    """The folds of one host between pauses of an hour, two hours at most: what a person would otherwise look at one by one."""

    id: str
    """Id from host and start."""
    host: str
    """Host; empty for signals without one."""
    start: AwareDatetime | None
    """Time of its first signal, UTC."""
    end: AwareDatetime | None
    """Time of its last signal, UTC."""
    folds: tuple[str, ...]
    """Ids of its folds, most telling first."""
    score: float
    """How much it deserves a look; comparable within one case."""
    incident: str | None
    """Incident it is part of, if any."""
    shown: bool
    """Whether a person sees it without asking."""
    why: tuple[Note, ...]
    """What its score comes from."""
    attack: float | None = None
    """Probability that it is part of an attack, 0 to 1; only where a state folder is kept, calibrated as far as `Case.triage` says."""
    verdict: Verdict | None = None
    """Why it was closed without a person, if it was."""

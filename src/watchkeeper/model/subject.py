"""Subject and Precedent: a session or incident as triage saw it, and what a person said of it. Owns the shapes; `triage` learns."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun
from watchkeeper.model.verdict import Outcome

About = Literal["incident", "session"]


class Subject(Noun):
    """What was known of a session or an incident when it was judged, without anything that people said."""

    id: str
    """Id of the session or incident."""
    about: About
    """Which of the two it is."""
    start: AwareDatetime | None
    """Time of its first signal, UTC."""
    rules: tuple[str, ...]
    """Ids of the rules that fired in it, most telling first."""
    severe: tuple[str, ...]
    """Those that fired with a severity of high or critical."""
    trails: tuple[str, ...]
    """Digests of rule, host and user of its folds, in order of the folds."""
    prior: float
    """Log-odds of an attack by the hypotheses alone, from signals, in nats."""
    traits: dict[str, float]
    """Name of each trait to its value; the names and what they mean stand in `triage.features`."""
    barred: tuple[str, ...] = ()
    """Why it may never be closed without a person, whatever its probability: ends of codes under `triage.barred` in the lexicon."""
    chance: Annotated[float, Field(gt=0, le=1)] = 1.0
    """With what probability a person was shown it: 1, but for what was closed and drawn to be looked at."""


class Precedent(Noun):
    """A subject and the last word that a person said about it."""

    subject: Subject
    """What was judged."""
    verdict: Outcome
    """What the person holds it to be."""
    said: AwareDatetime
    """When it was said, UTC."""

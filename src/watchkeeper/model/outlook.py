"""Outlook: what the attacker seems to be after, what may come next, and which known groups work alike. Owns the shapes alone."""

from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun


class Intent(Noun):
    """One of the latest tactics of an incident and what speaks for it."""

    tactic: str
    """ATT&CK tactic by short name."""
    techniques: tuple[str, ...]
    """The incident's techniques that serve it, best supported first."""
    folds: int
    """Folds of signals tagged with the tactic or one of these techniques."""
    signals: int
    """Signals in these folds."""


class Telemetry(Noun):
    """A kind of log that rules for a technique read."""

    name: str
    """The log source in the rules' words, such as `windows process_creation`."""
    rules: int
    """How many of the loaded rules for the technique read it."""
    here: bool
    """Whether this record has events that such rules read."""


class NextStep(Noun):
    """A technique that ATT&CK's campaigns and groups use at a later stage."""

    technique: str
    """Its id."""
    tactics: tuple[str, ...]
    """The later tactics that it serves."""
    used: int
    """How many campaigns and groups of the catalogue use it."""
    used_alike: int
    """How many of those that share techniques with the incident use it."""
    rules: int
    """How many of the loaded rules are for it, its parent or its sub-techniques."""
    telemetry: tuple[Telemetry, ...]
    """The logs that these rules read, those of this record first."""


class Following(Noun):
    """What may come next, counted over ATT&CK's campaigns and groups."""

    steps: tuple[NextStep, ...]
    """The techniques of later stages that most of them use, at most five; the incident's own are not among them."""
    of: int
    """How many campaigns and groups there are."""
    alike: int
    """How many of them share at least `shared` techniques with the incident."""
    shared: int
    """How many techniques are shared, at least."""
    after: str
    """The latest tactic that the incident shows; what comes next comes after it."""


class SharedTechnique(Noun):
    """A technique that the incident shows and a group uses."""

    technique: str
    """Its id."""
    groups: int
    """How many groups use it."""


class NamedSoftware(Noun):
    """Software that the evidence names and a group uses."""

    id: str
    """Its id in ATT&CK."""
    name: str
    """Its name in ATT&CK."""
    seen: str
    """The title of a rule or alert, or the file name, that names it."""
    groups: int
    """How many groups use it."""


class Candidate(Noun):
    """A group that works alike, as far as techniques and tools can say."""

    id: str
    """Its id in ATT&CK."""
    name: str
    """Its name in ATT&CK."""
    aliases: tuple[str, ...]
    """Other names of it."""
    mass: float
    """Its share of 1; never more than low confidence allows."""
    techniques: tuple[SharedTechnique, ...]
    """What it shares with the incident, what the fewest groups use first."""
    software: tuple[NamedSoftware, ...]
    """What it uses of the software that the evidence names, what the fewest groups use first."""


class Comparison(Noun):
    """A ranked set over ATT&CK's groups in which "none of these" comes first."""

    none_of_these: float
    """Mass of whoever is not in the catalogue; at least a half."""
    candidates: tuple[Candidate, ...]
    """Groups that stand out, most mass first; empty if none does."""
    others: float
    """Mass of all other groups together."""
    groups: int
    """How many groups were compared."""
    why: tuple[Note, ...]
    """Why the confidence is low, or why nothing is said."""


class Outlook(Noun):
    """What may be behind an incident and ahead of it; conjecture with counts, never evidence."""

    intents: tuple[Intent, ...]
    """What its latest tactics are about, the latest first."""
    following: Following | None
    """What may come next; none without an imported catalogue, techniques, or a later stage."""
    comparison: Comparison | None
    """Groups that work alike; none without an imported catalogue or with too few techniques."""
    catalogue: str
    """Version of ATT&CK that was imported, `?` if it is not known; empty if none was."""
    why: tuple[Note, ...]
    """What was not looked at, and why."""

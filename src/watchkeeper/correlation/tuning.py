"""From which scores an incident starts and a session is shown. Owns the numbers; what is compared with them stands where it is compared."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tuning:
    """The thresholds of showing and seeding; the defaults are what ships."""

    seed_score: float = 2.2
    """A session that scores so much starts an incident, if it holds a telling fold that is unusual enough."""
    seed_share: float = 0.8
    """How unusual that fold is at least, 0 to 1: many half-usual things do not make an incident."""
    seed_worth: float = 0.3
    """What that fold is worth by itself at least."""
    past_score: float = 0.45
    """A session outside incidents is shown when it scores so much, on a host as busy as usual, and has a past to be compared with."""
    record_score: float = 1.5
    """The same for one without a past, of which more is asked."""
    beside_share: float = 0.1
    """While an incident runs this share of that score is enough: quiet steps lie beside loud ones."""
    beside_seconds: int = 1800
    """So long before and after an incident counts as while it runs."""


SHIPPED = Tuning()
"""What is used where nobody chooses otherwise."""


ASKED_FOR = Tuning(seed_score=0.0, seed_share=0.0, seed_worth=0.0)
"""For what a person looked for on purpose: every session starts an incident or joins one, however usual it is."""

"""Opinion and Verdict: what experts think and what was judged. Owns the shapes; `triage` does the weighing."""

from typing import Literal

from watchkeeper.model.claim import Claim
from watchkeeper.model.note import Note
from watchkeeper.model.noun import Noun

Outcome = Literal["succeeded", "attempted", "blocked", "authorised", "benign", "undetermined"]
Decider = Literal["fast", "slow", "person"]

ATTACK: frozenset[Outcome] = frozenset({"succeeded", "attempted", "blocked"})
"""What calls something an attack: the rules were right to fire, and somebody had to look."""
HARMLESS: frozenset[Outcome] = frozenset({"benign", "authorised"})
"""What calls it harmless: nobody needs to look any more. `undetermined` calls it neither."""


class Opinion(Noun):
    """One hypothesis weighed by one expert."""

    expert: str
    """Who thinks so."""
    hypothesis: str
    """Id of the hypothesis, such as `ransomware-staging`."""
    malicious: bool
    """Whether it is a hypothesis of an attack."""
    probability: float
    """How likely the expert holds it, 0 to 1; hypotheses of one incident sum to 1."""
    supporting: tuple[Note, ...]
    """Facts found that speak for it."""
    contradicting: tuple[Note, ...]
    """Facts found that speak against it."""
    missing: tuple[Note, ...]
    """Evidence that would change its mind and could not be looked at or was not found."""
    claims: tuple[Claim, ...] = ()
    """Checked claims it rests on."""


class Verdict(Noun):
    """What happened, how sure we are, why, and what is missing."""

    outcome: Outcome
    """The judgement."""
    confidence: float
    """Probability that the judgement is right, 0 to 1; `why` says what it rests on."""
    attack: float | None = None
    """Probability that it is an attack, successful or not, 0 to 1; calibrated as far as `why` says. None if a person decided."""
    hypothesis: str
    """Id of the leading hypothesis."""
    why: tuple[Note, ...]
    """Reasons in order of weight."""
    missing: tuple[Note, ...]
    """Evidence that is not in the record and would settle it."""
    opinions: tuple[Opinion, ...]
    """Every hypothesis that was weighed, likeliest first."""
    decided_by: Decider
    """Fast thinking, slow thinking, or a person."""

"""Closing without a person. Owns the proof that has to hold before anything is, what may never be, and which closed ones a person sees.

The proof: a model made from the older labels alone is tried on the newer ones. Of those that it would have closed the share of attacks is,
with 95 % confidence, under `MOST_MISSES`. Without labels there is no proof, so nothing is closed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from watchkeeper.model.note import Note
from watchkeeper.model.subject import Precedent, Subject
from watchkeeper.model.verdict import ATTACK
from watchkeeper.triage.bound import needed, upper_bound
from watchkeeper.triage.calibration import FEWEST_ATTACKS, best_penalty, foretold, samples
from watchkeeper.triage.fitting import Floats, Model, Samples, fit
from watchkeeper.triage.history import Past, vector

MOST_MISSES = 0.005
"""Share of attacks among what is closed that the upper bound must stay under."""
SHOWN_SHARE = 0.015
"""Share of what is closed that a person is shown all the same."""
_FEWEST_OLDER = 128
_OLDER_SHARE = 4
"""About one label of so many makes the model, the others prove it: the proof needs more."""
_MOST_TRIED = 5


@dataclass(frozen=True, slots=True)
class Closing:
    """What may be closed, and the proof."""

    model: Model
    threshold: float
    """Log-odds, in nats, under which a subject may be closed."""
    highest: tuple[float, ...]
    """Highest value of each trait among the labels that made the model: what lies beyond was never judged."""
    closed: int
    """Newer labels that it would have closed."""
    misses: int
    """Attacks among them."""
    bound: float
    """Upper bound on the share of attacks, one-sided, 95 %."""
    suspended: frozenset[str] = frozenset()
    """Rules of what a person called an attack after it had been closed, until the bound holds for what holds that rule alone."""

    def kept_open(self, subject: Subject, past: Past) -> str | None:
        """Say why a subject is not closed: `likely`, or else the end of a code under `triage.barred`; none if it is closed."""
        if self.odds(subject, past) >= self.threshold:
            return "likely"
        suspended = None if self.suspended.isdisjoint(subject.rules) else "suspended"
        return _never(subject, past, np.array(vector(subject, past)), self.highest) or suspended

    def odds(self, subject: Subject, past: Past) -> float:
        """Give the log-odds that are compared with the threshold."""
        return float(self.model.log_odds(np.array([subject.prior]), np.array([vector(subject, past)]))[0])


def prove(known: Sequence[Precedent], pasts: Sequence[Past], most: float = MOST_MISSES) -> Closing | Note:
    """Find out what may be closed, or say why nothing may; `known` come in the order of time, each with what was said before it.

    At most a share of `most` of what is closed may be attacks, with 95 % confidence.

    Thresholds are taken from the older labels and tried on the newer ones from the lowest up until one fails, so that having several
    costs nothing.

    Source: fixed-sequence testing, as in Angelopoulos et al., "Learn then test", 2021.
    """
    cut = _cut(known, needed(0, most))
    if cut is None:
        return Note(code="triage.closing.too-few", arguments=_asked(known, most))
    of = samples(known, pasts)
    older = of.at(slice(0, cut))
    penalty = best_penalty(older)
    model = fit(older, penalty)
    highest = tuple(float(value) for value in older.traits.max(axis=0))
    tried = _Trial.of(known, pasts, _newer(of, model, cut), highest)
    proven: Closing | None = None
    for threshold in _thresholds(older, model, penalty):
        under, misses = tried.under(threshold)
        if upper_bound(0, under) >= most:
            continue
        bound = upper_bound(misses, under)
        if bound >= most:
            break
        proven = Closing(model, threshold, highest, under, misses, bound, frozenset(tried.suspended(threshold, most)))
    return proven or Note(code="triage.closing.unproven", arguments=_asked(known, most))


def is_drawn(subject_id: str, key: bytes) -> bool:
    """Say whether a person is shown it although it is closed; nobody without the key can tell beforehand."""
    drawn = int.from_bytes(blake2b(subject_id.encode(), key=key, digest_size=8).digest())
    return drawn < SHOWN_SHARE * 2**64


def _asked(known: Sequence[Precedent], most: float) -> dict[str, str]:
    attacks = sum(one.verdict in ATTACK for one in known)
    return {
        "labels": str(len(known)),
        "attacks": str(attacks),
        "needed": str(needed(0, most)),
        "older": str(_FEWEST_OLDER),
        "fewest": str(FEWEST_ATTACKS),
        "percent": f"{100 * most:g}",
    }


def _cut(known: Sequence[Precedent], newer: int) -> int | None:
    """Say how many of the oldest labels make the model: a power of two, so that it stays the same while the newer ones grow in number."""
    cut = _FEWEST_OLDER
    while cut * 2 * _OLDER_SHARE <= len(known) or sum(one.verdict in ATTACK for one in known[:cut]) < FEWEST_ATTACKS:
        cut *= 2
        if cut > len(known):
            return None
    return cut if len(known) - cut >= newer else None


def _newer(of: Samples, model: Model, cut: int) -> Floats:
    """Give the log-odds of the newer labels, those of the older ones being of no use to a proof."""
    odds = model.log_odds(of.priors, of.traits)
    odds[:cut] = np.inf
    return odds


def _thresholds(older: Samples, model: Model, penalty: float) -> list[float]:
    """Give where the least likely attacks stood when they were foretold, from the lowest up."""
    odds = model.log_odds(older.priors, older.traits)
    told, rows = foretold(older, penalty)
    odds[rows] = told
    return sorted(set(odds[older.attacks == 1].tolist()))[:_MOST_TRIED]


def _never(subject: Subject, past: Past, values: Floats, highest: Iterable[float]) -> str | None:
    if subject.barred:
        return subject.barred[0]
    if past.confirmed:
        return "confirmed"
    if past.unlabelled:
        return "unlabelled"
    return "beyond" if (values > np.array(highest)).any() else None


@dataclass(frozen=True, slots=True)
class _Trial:
    """The newer labels that may be closed at all."""

    odds: Floats
    attacks: Floats
    precedents: Sequence[Precedent]

    @classmethod
    def of(cls, known: Sequence[Precedent], pasts: Sequence[Past], odds: Floats, highest: Sequence[float]) -> "_Trial":
        rows = [
            row
            for row, (one, past) in enumerate(zip(known, pasts, strict=True))
            if odds[row] < np.inf and not _never(one.subject, past, np.array(vector(one.subject, past)), highest)
        ]
        attacks = np.array([known[row].verdict in ATTACK for row in rows], float)
        return cls(odds[rows], attacks, [known[row] for row in rows])

    def under(self, threshold: float) -> tuple[int, int]:
        """Count those closed and the attacks among them."""
        closed = self.odds < threshold
        return int(closed.sum()), int(self.attacks[closed].sum())

    def suspended(self, threshold: float, most: float) -> Iterator[str]:
        """Yield the rules for which a person's contrary word on something closed has not been outweighed."""
        closed = [one for one, odds in zip(self.precedents, self.odds, strict=True) if odds < threshold]
        for rule in {rule for one in closed if one.subject.chance < 1 and one.verdict in ATTACK for rule in one.subject.rules}:
            alike = [one.verdict in ATTACK for one in closed if rule in one.subject.rules]
            if upper_bound(sum(alike), len(alike)) >= most:
                yield rule

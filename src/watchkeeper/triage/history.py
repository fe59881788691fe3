"""What people said before a moment. Owns counting it by rule and by trail, and the traits that come from it.

A subject is compared with precedents that began before it, never with later ones or itself, so that no verdict explains itself.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf, log, log1p

from watchkeeper.model.subject import Precedent, Subject
from watchkeeper.model.verdict import ATTACK, HARMLESS, Outcome
from watchkeeper.triage.features import TRAITS

NAMES = (*(trait.name for trait in TRAITS), "record", "unlabelled", "unlike")
"""Every trait in the order of a model's weights. From the history: the log-odds of the rule most often right, the log of 1 and how many
rules were never judged, the log of 1 and how many trails were never judged harmless or once an attack."""
_DOUBT = 0.5
"""Added to both counts of a rule: one verdict alone moves it by a nat."""


@dataclass(slots=True)
class _Times:
    """When what was judged began, by verdict, sorted once all are known."""

    by: dict[Outcome, list[float]] = field(default_factory=dict[Outcome, list[float]])

    def before(self, moment: float, verdicts: Iterable[Outcome]) -> int:
        return sum(bisect_left(self.by[verdict], moment) for verdict in verdicts if verdict in self.by)


@dataclass(frozen=True, slots=True)
class Past:
    """What people had said that bears on one subject."""

    record: float
    """Log-odds, in nats, of the rule that was right most often; 0 for one never judged."""
    unlabelled: int
    """Rules of it that nobody had judged."""
    unlike: int
    """Trails of it that nobody had judged harmless, or somebody an attack."""
    confirmed: bool
    """A rule of high or critical severity in it had been right before."""
    authorised: tuple[bool, ...]
    """For each trail whether it had been judged authorised and never an attack."""
    harmless: tuple[bool, ...]
    """For each trail whether it had been judged benign or authorised and never an attack."""


class History:
    """Every precedent, by what it held."""

    def __init__(self, precedents: Iterable[Precedent]) -> None:
        """Count precedents, in any order."""
        self._rules: defaultdict[str, _Times] = defaultdict(_Times)
        self._trails: defaultdict[str, _Times] = defaultdict(_Times)
        for one in precedents:
            for of, names in ((self._rules, one.subject.rules), (self._trails, dict.fromkeys(one.subject.trails))):
                for name in names:
                    of[name].by.setdefault(one.verdict, []).append(moment(one.subject))
        for times in (*self._rules.values(), *self._trails.values()):
            for found in times.by.values():
                found.sort()

    def past(self, subject: Subject) -> Past:
        """Give what was said before the subject began."""
        at = moment(subject)
        counts = {rule: self._counts(self._rules, rule, at) for rule in subject.rules}
        judged = [pair for pair in counts.values() if sum(pair)]
        new = len(counts) - len(judged)
        odds = [log((attacks + _DOUBT) / (harmless + _DOUBT)) for attacks, harmless in judged] + [0.0] * bool(new or not counts)
        trails = [self._counts(self._trails, name, at) for name in subject.trails]
        harmless = tuple(bool(fine) and not bad for bad, fine in trails)
        return Past(
            record=max(odds),
            unlabelled=new,
            unlike=len({name for name, fine in zip(subject.trails, harmless, strict=True) if not fine}),
            confirmed=any(counts[rule][0] for rule in subject.severe),
            authorised=tuple(
                fine and bool(self._trails[name].before(at, ("authorised",))) for name, fine in zip(subject.trails, harmless, strict=True)
            ),
            harmless=harmless,
        )

    def _counts(self, of: dict[str, _Times], name: str, at: float) -> tuple[int, int]:
        """Give how often it was part of an attack and of something harmless."""
        found = of.get(name)
        return (found.before(at, ATTACK), found.before(at, HARMLESS)) if found else (0, 0)


def labelled(precedents: Iterable[Precedent]) -> tuple[Precedent, ...]:
    """Give the last word on each subject in the order in which subjects began; `undetermined` takes back what was said before.

    The order in which words come does not matter.
    """
    last: dict[str, Precedent] = {}
    for one in sorted(precedents, key=lambda one: (one.said, one.verdict)):
        last[one.subject.id] = one
    known = [one for one in last.values() if one.verdict != "undetermined" and is_comparable(one.subject)]
    return tuple(sorted(known, key=lambda one: (moment(one.subject), one.subject.id)))


def is_comparable(subject: Subject) -> bool:
    """Say whether it was described by the same traits as today's; a version that changes them learns anew."""
    return subject.traits.keys() == {trait.name for trait in TRAITS}


def vector(subject: Subject, past: Past) -> Sequence[float]:
    """Give the values of `NAMES`."""
    own = (subject.traits[trait.name] for trait in TRAITS)
    return (*own, past.record, log1p(past.unlabelled), log1p(past.unlike))


def moment(subject: Subject) -> float:
    """Give the seconds since 1970 at which it began; what has no time comes before everything and has no past."""
    return -inf if subject.start is None else subject.start.timestamp()

"""What people's words make of rules. Owns the record of each rule and how much its folds count by it; keeping words is the store's."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.baseline import Sighting
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.note import Note
from watchkeeper.model.record import RuleRecord
from watchkeeper.model.verdict import ATTACK, Outcome

PRIOR = 2.0
"""So many true and so many false are assumed before anybody says anything: one word moves a rule by a fifth."""
LEAST_TRUST, MOST_TRUST = 0.25, 1.0
"""No words of people silence a rule, and none makes it worth more than its level: most of what goes along with an attack is noise."""
MOST_PER_PLACE = 2
"""So many words that a rule was wrong count for each host: one noisy host must not hide the rule's findings on others."""


@dataclass(frozen=True, slots=True)
class Trust:
    """How much a rule's folds count, and why."""

    factor: float
    why: Note


def latest(said: Iterable[Feedback]) -> tuple[Feedback, ...]:
    """Give the last words about each incident and session that say anything; words are given in the order they were said."""
    last: dict[tuple[str, str], Feedback] = {}
    for one in said:
        last.pop((one.about, one.subject), None)
        last[one.about, one.subject] = one
    return tuple(one for one in last.values() if one.verdict != "undetermined")


def verdicts(said: Iterable[Feedback]) -> dict[str, Outcome]:
    """Give what people last held each fold to be, by its id."""
    return {fold.id: one.verdict for one in latest(said) for fold in one.folds}


def records(said: Iterable[Feedback]) -> Mapping[str, RuleRecord]:
    """Give the record of every rule that people's last words are about, by its id."""
    about: defaultdict[str, list[Feedback]] = defaultdict(list)
    for one in latest(said):
        for rule in dict.fromkeys(fold.rule for fold in one.folds):
            about[rule].append(one)
    return {rule: _record(rule, words) for rule, words in sorted(about.items())}


def trust(record: RuleRecord) -> float:
    """Say how much a fold of the rule counts: the posterior mean of its being right, relative to the prior mean, within bounds.

    Source: the Beta-Binomial model with the prior Beta(`PRIOR`, `PRIOR`). What was authorised counts for neither side.
    """
    false = min(record.false, MOST_PER_PLACE * record.false_places)
    mean = (PRIOR + record.true) / (2 * PRIOR + record.true + false)
    return min(MOST_TRUST, max(LEAST_TRUST, 2 * mean))


def trusts(of: Mapping[str, RuleRecord]) -> dict[str, Trust]:
    """Give what each rule with a record counts, with the reason in words; a rule that counts as ever is left out."""
    return {rule: Trust(factor, _why(record, factor)) for rule, record in of.items() if (factor := trust(record)) != 1.0}


def _record(rule: str, words: Sequence[Feedback]) -> RuleRecord:
    false = [one for one in words if one.verdict == "benign"]
    return RuleRecord(
        rule=rule,
        true=sum(one.verdict in ATTACK for one in words),
        false=len(false),
        authorised=sum(one.verdict == "authorised" for one in words),
        false_places=len({fold.place for one in false for fold in one.folds if fold.rule == rule}),
        last=max(one.time for one in words),
    )


def _why(record: RuleRecord, factor: float) -> Note:
    arguments = {"true": str(record.true), "false": str(record.false), "factor": f"{factor:.2f}"}
    return Note(code="fold.trust", arguments=arguments)


def attacks(said: Iterable[Feedback]) -> Iterator[Sighting]:
    """Yield the hours in which what people judged an attack went on, by rule and place: nothing normal is learnt from them."""
    for one in latest(said):
        for fold in one.folds if one.verdict in ATTACK else ():
            if fold.first and fold.last:
                for hour in range(_hour(fold.first), _hour(fold.last) + 1):
                    yield Sighting(hour, fold.rule, fold.place)


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600

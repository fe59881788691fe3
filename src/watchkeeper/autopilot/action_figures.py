"""Figures of actions: what became of them, of the questions to people, and of the system's levels. Owns what each counts."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from watchkeeper.autopilot.figure import Teller
from watchkeeper.model.acted import Acted
from watchkeeper.model.metrics import Metric, MetricName, Unit
from watchkeeper.model.proposal import IN_FORCE, ActionRecord, ActionState
from watchkeeper.model.summary import IncidentSummary
from watchkeeper.model.verdict import ATTACK

_ENDED: frozenset[ActionState] = frozenset({"undone", "expired"})
_EVER, _NEVER = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
_BECAME: tuple[tuple[MetricName, ActionState], ...] = (
    ("actions-undone", "undone"),
    ("actions-expired", "expired"),
    ("actions-failed", "failed"),
    ("actions-ineffective", "ineffective"),
    ("actions-refused", "refused"),
)
_UNKNOWN: tuple[MetricName, ...] = (
    "actions-done",
    "actions-verified",
    "actions-in-force",
    *(name for name, _ in _BECAME),
    "approvals-asked",
    "approvals-answered",
    "approvals-lapsed",
    "demotions",
)


@dataclass(frozen=True, slots=True)
class Period:
    """A time that figures are of."""

    since: datetime | None = None
    until: datetime | None = None

    def has(self, time: datetime | None) -> bool:
        """Say whether a moment falls into it; it holds its beginning and not its end."""
        return time is not None and (self.since or _NEVER) <= time < (self.until or _EVER)


def action_figures(found: Acted | None, period: Period, teller: Teller) -> Iterator[Metric]:
    """Yield every figure of actions; without a ledger all of them are unknown."""
    if found is None:
        yield teller.share("actions-alone", 0, 0)
        yield from (teller.count(name, None, 0, _unit(name)) for name in _UNKNOWN)
        return
    yield from _done(found, period, teller)
    yield from _asked(found, period, teller)
    lowered = [one for one in found.levels if one.by == "system" and period.has(one.time)]
    yield teller.count("demotions", len(lowered), len(found.levels), "demotions")


def response_times(seen: Sequence[IncidentSummary], found: Acted | None, teller: Teller) -> Metric:
    """Give how long it took from the first event of an incident to its first action that was seen to work."""
    first = first_working(found.records if found else ())
    seconds = [(first[one.id] - one.start).total_seconds() for one in seen if one.id in first and one.start]
    attacks = sum(one.id not in first and one.verdict in ATTACK for one in seen)
    return teller.time("response", seconds, attacks)


def first_working(records: Sequence[ActionRecord]) -> dict[str, datetime]:
    """Give, by incident, when an action for it was first seen to work at its target."""
    first: dict[str, datetime] = {}
    for record in records:
        if (time := worked(record)) and record.proposal.incident:
            first[record.proposal.incident] = min(time, first.get(record.proposal.incident, time))
    return first


def worked(record: ActionRecord) -> datetime | None:
    """Give when an action was first seen to work at its target; none if it never was."""
    return min((one.time for one in record.checks if one.where == "target" and one.outcome == "in-force"), default=None)


def carried_out(record: ActionRecord) -> bool:
    """Say whether an action was done: what is only begun, or was tried and failed, has the time of its beginning and was not."""
    return record.done is not None and record.state not in {"doing", "failed"}


def held_at(record: ActionRecord, moment: datetime) -> bool:
    """Say whether something of an action was, or may have been, in force at a moment."""
    if record.done is None or record.done > moment:
        return False
    return record.state in IN_FORCE or (record.state in _ENDED and record.changed > moment)


def _done(found: Acted, period: Period, teller: Teller) -> Iterator[Metric]:
    done = [one for one in found.records if carried_out(one) and period.has(one.done)]
    alone = sum(not one.ruling.approvals and not one.proposal.is_by_hand for one in done)
    yield teller.share("actions-alone", alone, len(done))
    yield teller.count("actions-done", len(done), len(found.records), "actions")
    yield teller.count("actions-verified", sum(worked(one) is not None for one in done), len(done), "actions")
    end = period.until or max((one.changed for one in found.records), default=_EVER)
    yield teller.count("actions-in-force", sum(held_at(one, end) for one in found.records), len(found.records), "actions")
    for name, state in _BECAME:
        became = sum(one.state == state and period.has(one.changed) for one in found.records)
        yield teller.count(name, became, len(found.records), "actions")


def _asked(found: Acted, period: Period, teller: Teller) -> Iterator[Metric]:
    asked = [one for one in found.records if one.ruling.approvals]
    answered = {one.proposal for one in found.approvals if period.has(one.time)}
    yield teller.count("approvals-asked", _count(asked, lambda one: period.has(one.made)), len(asked), "approvals")
    yield teller.count("approvals-answered", len(answered), len(asked), "approvals")
    lapsed = _count(asked, lambda one: one.state == "lapsed" and period.has(one.changed))
    yield teller.count("approvals-lapsed", lapsed, len(asked), "approvals")


def _count(records: Sequence[ActionRecord], is_meant: Callable[[ActionRecord], bool]) -> int:
    return sum(map(is_meant, records))


def _unit(name: MetricName) -> Unit:
    if name == "demotions":
        return "demotions"
    return "approvals" if name.startswith("approvals") else "actions"

"""Rates: how much was done in the last hour and day. Owns the counting, in objects; what was begun counts, whatever came of it."""

from collections.abc import Iterable
from datetime import timedelta

from watchkeeper.brain.ethics.matter import Matter
from watchkeeper.brain.ethics.policy import EVERY, Rate
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import LIST, Begun

RATE = "ethics.rate"
"""Code of the note that says so."""


def over_rate(matter: Matter) -> Note | None:
    """Say which rate would be exceeded; none if there is room."""
    rates = matter.policy.rates
    if matter.is_listed:
        return _over(matter, [other for other in matter.others if other.is_listed], rates.verified_list, LIST)
    single = [other for other in matter.others if not other.is_listed]
    alike = [other for other in single if other.action == matter.proposal.action]
    of_action = rates.actions.get(matter.proposal.action, rates.actions[EVERY])
    return _over(matter, alike, of_action, matter.proposal.action) or _over(matter, single, rates.total, EVERY)


def _over(matter: Matter, others: Iterable[Begun], rate: Rate, what: str) -> Note | None:
    done = [(other.time, other.objects) for other in others]
    for hours, most in ((1, rate.hour), (24, rate.day)):
        since = matter.now - timedelta(hours=hours)
        if matter.objects + sum(count for at, count in done if at > since) > most:
            return Note(code="ethics.rate", arguments={"what": what, "most": str(most), "hours": str(hours)})
    return None

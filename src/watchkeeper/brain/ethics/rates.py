"""Rates: how much was done in the last hour and day. Owns the counting, in objects; what was begun counts, whatever came of it."""

from collections.abc import Iterable
from datetime import timedelta

from watchkeeper.brain.ethics.matter import Matter
from watchkeeper.brain.ethics.policy import EVERY, Rate
from watchkeeper.brain.ethics.touching import LIST, objects
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import ActionRecord

RATE = "ethics.rate"
"""Code of the note that says so."""


def over_rate(matter: Matter) -> Note | None:
    """Say which rate would be exceeded; none if there is room."""
    rates = matter.policy.rates
    listed = [other for other in matter.others if other.proposal.arguments.get(LIST)]
    if matter.is_listed:
        return _over(matter, listed, rates.verified_list, LIST)
    single = [other for other in matter.others if not other.proposal.arguments.get(LIST)]
    alike = [other for other in single if other.proposal.action == matter.proposal.action]
    of_action = rates.actions.get(matter.proposal.action, rates.actions[EVERY])
    return _over(matter, alike, of_action, matter.proposal.action) or _over(matter, single, rates.total, EVERY)


def _over(matter: Matter, others: Iterable[ActionRecord], rate: Rate, what: str) -> Note | None:
    done = [(other.done, objects(other.proposal)) for other in others if other.done is not None]
    for hours, most in ((1, rate.hour), (24, rate.day)):
        since = matter.now - timedelta(hours=hours)
        if matter.objects + sum(count for at, count in done if at > since) > most:
            return Note(code="ethics.rate", arguments={"what": what, "most": str(most), "hours": str(hours)})
    return None

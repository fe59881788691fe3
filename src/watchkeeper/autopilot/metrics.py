"""Metrics: how fast incidents are found, judged, answered and closed, and how much people had to do. Owns what each is computed over."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from watchkeeper.autopilot.action_figures import Period, action_figures, response_times
from watchkeeper.autopilot.board import lines
from watchkeeper.autopilot.figure import Teller
from watchkeeper.autopilot.stream_incidents import every_live
from watchkeeper.correlation import latest
from watchkeeper.model.acted import Acted
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.language import Language
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.metrics import Metric, Metrics
from watchkeeper.model.summary import IncidentFilter, IncidentSummary
from watchkeeper.model.verdict import ATTACK, HARMLESS
from watchkeeper.store import Store, Wanted

MOST = 20_000
"""Incidents that figures are computed over, the newest."""


@dataclass(frozen=True, slots=True)
class Material:
    """What figures of a time are computed from: nouns alone."""

    live: Sequence[LiveIncident]
    """Incidents of the stream in that time."""
    lines: Sequence[IncidentSummary]
    """Every incident in that time as the board shows it, those of cases and of the stream."""
    said: Sequence[Feedback]
    """Everything that people ever said, in the order they said it."""
    acted: Acted | None
    """What was done; none where nobody keeps it."""


def metrics(store: Store, period: Period, found: Acted | None, lang: Language) -> Metrics:
    """Compute every figure over the incidents and actions of a time."""
    return computed(material(store, period, found), period, lang)


def material(store: Store, period: Period, found: Acted | None) -> Material:
    """Read what figures of a time are computed from."""
    live = tuple(every_live(store, Wanted(since=period.since, until=period.until), MOST))
    shown = tuple(islice(lines(store, IncidentFilter(since=period.since, until=period.until)), MOST))
    return Material(live, shown, store.feedback(), found)


def computed(of: Material, period: Period, lang: Language) -> Metrics:
    """Compute every figure from what was read."""
    teller = Teller(lang)
    figures = (*_times(of, teller), *_shares(of, teller), *_judgements(of, teller), *action_figures(of.acted, period, teller))
    return Metrics(since=period.since, until=period.until, metrics=figures)


def _times(of: Material, teller: Teller) -> Iterator[Metric]:
    live, outside = of.live, max(0, len(of.lines) - len(of.live))
    found = [(one.opened - one.incident.start).total_seconds() for one in live if one.incident.start]
    yield teller.time("detection", found, outside + len(live) - len(found))
    judged = [(one.judged - one.opened).total_seconds() for one in live if one.judged]
    yield teller.time("verdict", judged, outside + len(live) - len(judged))
    opened, first = {one.incident.id: one.opened for one in live}, dict[str, datetime]()
    for words in of.said:
        first.setdefault(words.subject, words.time)
    by_people = [(time - opened[incident]).total_seconds() for incident, time in first.items() if incident in opened]
    yield teller.time("judging", by_people, outside + len(live) - len(by_people))
    yield response_times(live, of.acted, teller)
    shut = [(one.closed - one.opened).total_seconds() for one in live if one.closed]
    yield teller.time("closing", shut, outside + len(live) - len(shut))


def _shares(of: Material, teller: Teller) -> Iterator[Metric]:
    shown = [line for line in of.lines if line.shown]
    yield teller.ratio("folding", sum(line.signals for line in of.lines), len(shown))
    yield teller.count("objects-before", sum(line.sessions for line in of.lines) if of.lines else None, len(of.lines), "objects")
    yield teller.count("objects-after", len(shown) if of.lines else None, len(of.lines), "objects")
    left = sum(line.status != "closed" for line in shown)
    yield teller.count("open", left, len(shown), "incidents")


def _judgements(of: Material, teller: Teller) -> Iterator[Metric]:
    ids = {line.id for line in of.lines}
    last = {one.subject: one.verdict for one in latest(of.said) if one.about == "incident" and one.subject in ids}
    touched = {line.id for line in of.lines if line.said or (line.standing and line.standing.by)}
    alone = sum(line.id not in touched and line.verdict in ATTACK | HARMLESS for line in of.lines)
    yield teller.share("decided-alone", alone, len(of.lines))
    both = [
        line
        for line in of.lines
        if line.attack is not None and line.verdict in ATTACK | HARMLESS and last.get(line.id) in ATTACK | HARMLESS
    ]
    same = sum((line.verdict in ATTACK) == (last[line.id] in ATTACK) for line in both)
    yield teller.share("agreement", same, len(both), len(of.lines) - len(both))
    judged = [verdict for verdict in last.values() if verdict in ATTACK | HARMLESS]
    yield teller.share("false-rate", sum(one == "benign" for one in judged), len(judged), len(of.lines) - len(judged))

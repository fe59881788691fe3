"""Metrics: how fast incidents are found and closed, how much is folded away, how often it was nothing. Owns what each is computed over."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from statistics import mean, quantiles

from watchkeeper.autopilot.board import lines
from watchkeeper.autopilot.stream_incidents import every_live
from watchkeeper.correlation import latest
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.metrics import Metric, Metrics
from watchkeeper.model.summary import IncidentFilter
from watchkeeper.model.verdict import ATTACK, HARMLESS
from watchkeeper.store import Store, Wanted

MOST = 20_000
"""Incidents that figures are computed over, the newest."""
_DECILES = 10


def metrics(store: Store, since: datetime | None, until: datetime | None) -> Metrics:
    """Compute every figure over the incidents of a time."""
    live = list(every_live(store, Wanted(since=since, until=until), MOST))
    return Metrics(since=since, until=until, metrics=(*_times(store, live), *_shares(store, since, until)))


def _times(store: Store, live: Sequence[LiveIncident]) -> Iterator[Metric]:
    opened = {one.incident.id: one.opened for one in live}
    found = [(one.opened - one.incident.start).total_seconds() for one in live if one.incident.start]
    yield _time("detection", found, "from an incident's first event to when it was first kept, over incidents of the stream")
    shut = [(one.closed - one.opened).total_seconds() for one in live if one.closed]
    yield _time("closing", shut, "from when an incident was first kept to when it was closed, over incidents of the stream that are closed")
    first = dict[str, datetime]()
    for words in store.feedback():
        first.setdefault(words.subject, words.time)
    judged = [(time - opened[incident]).total_seconds() for incident, time in first.items() if incident in opened]
    yield _time("judging", judged, "from when an incident was first kept to a person's first verdict, over incidents of the stream")


def _time(name: str, seconds: Sequence[float], how: str) -> Metric:
    values = [max(0.0, one) for one in seconds]
    cuts = quantiles(values, n=_DECILES) if len(values) >= _DECILES else None
    return Metric.model_validate(
        {
            "name": name,
            "value": round(mean(values), 3) if values else None,
            "unit": "seconds",
            "over": len(values),
            "low": round(cuts[0], 3) if cuts else None,
            "high": round(cuts[-1], 3) if cuts else None,
            "how": f"mean time {how}; at most {MOST:,} incidents, the newest",
        }
    )


def _shares(store: Store, since: datetime | None, until: datetime | None) -> Iterator[Metric]:
    found = [line for _, line in zip(range(MOST), lines(store, IncidentFilter(since=since, until=until)), strict=False)]
    shown = [line for line in found if line.shown]
    signals = sum(line.signals for line in found)
    yield Metric(
        name="folding",
        value=round(signals / len(shown), 2) if shown else None,
        unit="signals an incident",
        over=len(shown),
        how=f"signals of all incidents ({signals:,}) for each incident that a person sees without asking",
    )
    ids = {line.id for line in found}
    said = [one.verdict for one in latest(store.feedback()) if one.about == "incident" and one.subject in ids]
    judged = [one for one in said if one in ATTACK | HARMLESS]
    false = sum(one == "benign" for one in judged)
    yield Metric(
        name="false-rate",
        value=round(false / len(judged), 4) if judged else None,
        unit="share",
        over=len(judged),
        how=f"incidents that people last called benign ({false:,}) of those that they judged; what nobody judged does not count",
    )
    left = sum(line.status != "closed" for line in shown)
    yield Metric(name="open", value=left, unit="incidents", over=len(shown), how="incidents that a person sees and nobody closed")

"""Proposing a filter for a noisy rule, and proving it on cases of the past. Owns whose events are compared and what counts as proof."""

from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute

from watchkeeper.autopilot.history import Past, judged, known_for, past, words_on_folds
from watchkeeper.autopilot.replay import kept_batches
from watchkeeper.autopilot.what_if import changed
from watchkeeper.detection import Detector, Rule, RuleSet
from watchkeeper.detection.filter_search import Events, View, filter_text, read_filter, search, view
from watchkeeper.detection.logsources import LogSources
from watchkeeper.detection.sigma.filters import filtered
from watchkeeper.lake import Kept
from watchkeeper.model.change import Change
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query
from watchkeeper.model.verdict import ATTACK
from watchkeeper.store import Store

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
MOST_EVENTS = 5_000
"""Events of each sort that one case gives."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many signals of the rule there are, of one sort."""

    signals: int
    kept: int
    """Those whose events are kept, so that the filter can be proved on them."""
    hidden: int
    """Those of these that the filter hides."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A filter and its proof."""

    text: str
    """The filter as YAML."""
    false: Tally
    true: Tally
    unjudged: Tally
    exemplars: tuple[str, ...]
    """Ids of events that it hides and that nobody judged."""
    changes: tuple[Change, ...]
    """What would have been otherwise in each case."""

    @property
    def objection(self) -> str:
        """Why it may not be accepted; empty if it may."""
        if self.true.hidden:
            return f"it would hide {self.true.hidden} signals that people judged part of an attack"
        if self.true.kept < self.true.signals:
            lost = self.true.signals - self.true.kept
            return f"the events of {lost} signals of attacks are not kept, so that it cannot be proved on them; investigate with --keep all"
        if self.false.hidden < self.false.kept:
            return f"it would leave {self.false.kept - self.false.hidden} signals that people judged benign"
        return ""


@dataclass(frozen=True, slots=True)
class _Judged:
    """A rule's signals in one case."""

    case: Past
    events: dict[str, str]
    """Id of the event by id of the signal."""
    sorts: dict[str, str]
    """`true`, `false` or `unjudged`, by id of the signal."""


def propose(rule: Rule, store: Store, sources: LogSources, today: date) -> Proposal | None:
    """Search a filter for a rule and prove it; none if no few fields tell its false signals from its true ones.

    Raises:
        ValueError: nobody judged a signal of it benign whose event is kept, or a case is damaged.
    """
    words = words_on_folds(store)
    cases = [one for case in past(store) if (one := _of(rule, case, judged(case.signals, words))).sorts]
    events, places = _events(rule, cases, sources)
    if not events.false:
        raise ValueError(
            f"no kept event of rule {rule.id!r} was judged benign; `watchkeeper feedback ID benign --why …` does so, "
            "and `watchkeeper investigate --keep all` keeps every event"
        )
    selection = search(rule, events, places)
    if selection is None:
        return None
    text = filter_text(rule, selection, len(events.false), today)
    narrowed = filtered(rule, [read_filter(text)])
    return _proved(text, (rule, narrowed), cases, store, sources)


def _of(rule: Rule, case: Past, verdicts: Sequence[str | None]) -> _Judged:
    found: dict[str, str] = {}
    sorts: dict[str, str] = {}
    columns = (case.signals.column(name).to_pylist() for name in ("id", "event_id", "rule"))
    for signal, event, of, verdict in zip(*columns, verdicts, strict=True):
        if of == rule.id:
            found[str(signal)] = str(event)
            sorts[str(signal)] = "true" if verdict in ATTACK else "false" if verdict == "benign" else "unjudged"
    return _Judged(case, found, sorts)


def _events(rule: Rule, cases: Iterable[_Judged], sources: LogSources) -> tuple[Events, tuple[LogSource, ...]]:
    """Give the events as the rule sees them, and the logs that they stand in."""
    sorted_events: dict[str, list[View]] = {"true": [], "false": [], "unjudged": [], "others": []}
    places: dict[LogSource, None] = {}
    for one in cases:
        of = {event: one.sorts[signal] for signal, event in one.events.items()}
        with closing(Kept(one.case.out / "events")) as kept:
            fired = list(kept.search(Query(ids=tuple(of), limit=MOST_EVENTS)))
            here = tuple({event.logsource.model_dump_json(): event.logsource for event in fired}.values())
            beside = kept.search(Query(logsources=here, limit=MOST_EVENTS)) if here else iter(())
            for event in (*fired, *(event for event in beside if event.id not in of)):
                sorted_events[of.get(event.id, "others")].append(_view(rule, event, sources))
        places |= dict.fromkeys(here)
    return Events(**sorted_events), tuple(places)


def _view(rule: Rule, event: Event, sources: LogSources) -> View:
    return view(rule, event.logsource, {name: one if isinstance(one, str) else list(one) for name, one in event.fields.items()}, sources)


def _proved(text: str, rules: tuple[Rule, Rule], cases: Sequence[_Judged], store: Store, sources: LogSources) -> Proposal:
    """Run the rule with and without the filter over everything that is kept."""
    counts = {sort: [0, 0, 0] for sort in ("true", "false", "unjudged")}
    exemplars: list[str] = []
    changes: list[Change] = []
    for one in cases:
        before, after = (_fires(rule, one.case, sources) for rule in rules)
        for signal, sort in one.sorts.items():
            hidden = signal in before and signal not in after
            counts[sort] = [total + more for total, more in zip(counts[sort], (1, signal in before, hidden), strict=True)]
            if hidden and sort == "unjudged":
                exemplars.append(one.events[signal])
        changes.append(_change(one.case, before - after, store))
    tallies = {sort: Tally(*numbers) for sort, numbers in counts.items()}
    return Proposal(text, **tallies, exemplars=tuple(exemplars), changes=tuple(changes))


def _fires(rule: Rule, case: Past, sources: LogSources) -> frozenset[str]:
    """Give the ids of the signals of a rule alone on the kept events of a case; a case that keeps none has none."""
    if not any((case.out / "events").glob("*.parquet")):
        return frozenset()
    detector = Detector(RuleSet((replace(rule, emits=True, counted=frozenset()),)), sources, engine="reference")
    return frozenset(str(one) for batch in kept_batches(case.out / "events") for one in detector.signals(batch).column("id").to_pylist())


def _change(case: Past, hidden: frozenset[str], store: Store) -> Change:
    known = known_for(store, case, store.feedback())
    staying = case.staying
    left = staying.filter(pc.invert(pc.is_in(staying.column("id"), value_set=pa.array(sorted(hidden), pa.string()))))
    return changed(case.out, staying, case.again(staying, known), case.again(left, known), words_on_folds(store))

"""Counting what correlations count: hits are collected while batches pass and looked at in time order, at the end or as time goes on.

Owns what is kept of an event and how much, and that what one correlation finds is counted by others; when a group meets a condition stands
in `window`, which rules hit in `detector`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice, product
from typing import Any, NamedTuple, cast

import pyarrow as pa
import pyarrow.compute

from watchkeeper.detection.measures import Hit, addend
from watchkeeper.detection.running import Running
from watchkeeper.detection.sigma import Correlation, Counted
from watchkeeper.detection.sigma.resolve import inner_first
from watchkeeper.detection.sigma.text import fold
from watchkeeper.detection.signals import MAX_VALUE_CHARACTERS, Fired, event_columns, signal_id
from watchkeeper.detection.window import Begun, Crossing, Found
from watchkeeper.model.batch import Batch, Value
from watchkeeper.model.signal import SIGNAL_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
MAX_HITS = 250_000
"""Events that one correlation keeps, about 300 bytes each; what comes after them is not counted, and said to be so."""
MAX_VALUES = 64
"""Combinations of values, where fields have several, that one event is counted with."""

_TEXTS = pa.list_(pa.string())
_EVENT = ("event_id", "time", "host", "user", "source", "row", "entities", "synthetic")
_SCHEMA: Any = SIGNAL_SCHEMA
_MORE = (pa.field("group", _TEXTS), pa.field("value", pa.string()), pa.field("carried", _TEXTS))
_KEPT: pa.Schema = pa.schema([*(_SCHEMA.field(name) for name in _EVENT), *_MORE])
_OF_NUMBERS = frozenset(("value_sum", "value_avg", "value_median", "value_percentile"))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BETWEEN = "\x1f"
"""Stands between values that are kept as one."""
_ORDER: Any = [(name, "ascending") for name in ("time", "event_id", "value")]


@dataclass(frozen=True, slots=True)
class Tally:
    """What was kept of some of the events, to be counted with the others in another process."""

    hits: dict[int, bytes]
    """Events kept, as an Arrow stream, by the place of their correlation."""
    over: dict[int, int]
    """How many events were left out since too many came, by the place of the correlation."""
    timeless: dict[int, int]
    """How many events were left out since they have no time, by the place of the correlation."""
    unfit: dict[int, int]
    """How many events were left out since they lack a field to group by or to measure, by the place of the correlation."""
    late: dict[int, int] = field(default_factory=dict[int, int])
    """How many events were left out since what was before them had been told already, by the place of the correlation."""
    running: dict[int, bytes] = field(default_factory=dict[int, bytes])
    """Events that were looked at and still count for those that come, as an Arrow stream, by the place of their correlation."""
    begun: dict[int, tuple[Begun, ...]] = field(default_factory=dict[int, tuple[Begun, ...]])
    """Bursts that were told, by the place of the correlation."""
    until: int | None = None
    """Up to when everything was told, µs since 1970."""


class Counts:
    """Collects the hits of correlations over batches."""

    def __init__(self, correlations: Sequence[Correlation]) -> None:
        """Take the correlations; nothing is counted yet."""
        self._correlations = correlations
        self._counted: dict[str, list[tuple[int, int, Counted]]] = {}
        for place, correlation in enumerate(correlations):
            for number, one in enumerate(correlation.counted):
                self._counted.setdefault(one.rule, []).append((place, number, one))
        self._kept: dict[int, list[pa.Table]] = {}
        self._rows: Counter[int] = Counter()
        self._over: Counter[int] = Counter()
        self._timeless: Counter[int] = Counter()
        self._unfit: Counter[int] = Counter()
        self._late: Counter[int] = Counter()
        self._fit: set[int] = set()
        self._running: dict[int, Running] = {}
        self._until: int | None = None
        self._newest: int | None = None

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be counted, one sentence for each correlation and reason."""
        over = (f"{self._name(place)} counted only the first {MAX_HITS:,} and left out {count:,}" for place, count in self._over.items())
        timeless = (f"{self._name(place)} left out {count:,} without a time" for place, count in self._timeless.items())
        unfit = (
            f"{self._name(place)} counted none: none of {count:,} {self._asked(place)}"
            for place, count in self._unfit.items()
            if count and place not in self._fit
        )
        late = (f"{self._name(place)} left out {count:,} that came too late" for place, count in self._late.items() if count)
        return (*over, *timeless, *unfit, *late)

    @property
    def newest(self) -> int | None:
        """Time of the newest event that was counted, µs since 1970; none before the first."""
        return self._newest

    def take(self, batch: Batch, fired: Sequence[Fired]) -> None:
        """Keep what the correlations need of the events that their rules fired on."""
        hits: dict[int, list[_Kept]] = {}
        for one in fired:
            for place, number, counted in self._counted.get(one.rule.id, ()):
                correlation = self._correlations[place]
                carried = [_BETWEEN.join(_values(one, name)) for name in correlation.carried]
                groups = list(_groups(correlation, number, [_values(one, name) for name in (*counted.group, *counted.value)]))
                self._unfit[place] += not groups
                hits.setdefault(place, []).extend(_Kept(one, group, value, carried) for group, value in groups)
        for place, rows in hits.items():
            self._keep(place, batch, rows)

    def settled(self, until: datetime) -> pa.Table:
        """Give the signals of bursts that began up to a time (`SIGNAL_SCHEMA`), each once.

        They are those of `finish` for the same events, but a burst that goes on is told with what was counted of it by then. Events that
        are not after that time and still come are left out and counted.
        """
        moment = (until - _EPOCH) // timedelta(microseconds=1)
        if self._until is not None and moment <= self._until:
            return SIGNAL_SCHEMA.empty_table()
        return self._told(moment)

    def finish(self) -> pa.Table:
        """Give the signals of all correlations (`SIGNAL_SCHEMA`) that were not given, and forget what was kept."""
        signals = self._told(None)
        self._running.clear()
        self._rows.clear()
        self._until = None
        return signals

    def _told(self, until: int | None) -> pa.Table:
        """Look at everything up to a time, or at all there is."""
        signals: dict[int, pa.Table] = {}
        places = {one.id: place for place, one in enumerate(self._correlations)}
        for place in map(places.__getitem__, inner_first(self._correlations)):
            correlation, ready = self._correlations[place], self._ready(place, until)
            if ready.num_rows:
                running = self._running.setdefault(place, Running(correlation, _hits, _KEPT))
                result = running.take(ready)
                self._pass_on(correlation, running.rows, result)
                if correlation.emits:
                    signals[place] = _signals(correlation, running.rows, result.crossings)
        if until is not None:
            self._until = until
            self._forget(until)
        return pa.concat_tables([SIGNAL_SCHEMA.empty_table(), *(signals[place] for place in sorted(signals))])

    def _ready(self, place: int, until: int | None) -> pa.Table:
        """Take out what is kept of events up to a time, in order."""
        kept = pa.concat_tables([_KEPT.empty_table(), *self._kept.pop(place, ())])
        if until is not None and kept.num_rows:
            is_later = pc.greater(kept.column("time").cast(pa.int64()), until)
            later, kept = kept.filter(is_later), kept.filter(pc.invert(is_later))
            if later.num_rows:
                self._kept[place] = [later]
        return kept.sort_by(_ORDER)

    def _forget(self, until: int) -> None:
        for place, running in self._running.items():
            running.forget(until)
            self._rows[place] = running.rows.num_rows + sum(table.num_rows for table in self._kept.get(place, ()))

    def _pass_on(self, inner: Correlation, table: pa.Table, result: Found) -> None:
        """Keep what a correlation found for those that count it: bursts, but to join rules in time every event on which it held."""
        for place, number, counted in self._counted.get(inner.id, ()):
            outer = self._correlations[place]
            places = result.holding if outer.kind.startswith("temporal") else [one.place for one in result.crossings]
            if places:
                passed = _passed_on(inner, (outer, number, counted), table.take(pa.array(places, pa.int64())))
                self._unfit[place] += 0 if passed.num_rows else len(places)
                self._add(place, passed)

    def keep(self) -> Tally:
        """Give everything that another needs to go on from here."""
        return Tally(
            hits={place: _to_bytes(tables) for place, tables in self._kept.items()},
            over=dict(self._over),
            timeless=dict(self._timeless),
            unfit=dict(self._unfit),
            late=dict(self._late),
            running={place: _to_bytes([running.rows]) for place, running in self._running.items()},
            begun={place: running.begun for place, running in self._running.items()},
            until=self._until,
        )

    def hand_over(self) -> Tally:
        """Give what was kept so far, and forget it."""
        tally = self.keep()
        for kept in (self._kept, self._rows, self._over, self._timeless, self._unfit, self._late, self._fit, self._running):
            kept.clear()
        self._until = None
        return tally

    def take_over(self, tally: Tally) -> None:
        """Keep what another has kept of the events that come next; the answer is as if they had been seen here.

        Raises:
            ValueError: that one told signals already, and so did this one: neither can go on for both.
        """
        if tally.until is not None and (self._until is not None or self._kept):
            raise ValueError("what another has told already can only be taken over before anything was counted here")
        for counts, more in (
            (self._over, tally.over), (self._timeless, tally.timeless), (self._unfit, tally.unfit), (self._late, tally.late),
        ):  # fmt: skip
            counts.update(more)
        self._fit.update(tally.timeless, tally.running)
        for place, rows in tally.running.items():
            self._running[place] = Running(self._correlations[place], _hits, _KEPT)
            self._running[place].resume(_from_bytes(rows), tally.begun.get(place, ()))
        for place, hits in tally.hits.items():
            self._add(place, _from_bytes(hits))
        self._until = tally.until if tally.until is not None else self._until

    def _keep(self, place: int, batch: Batch, found: Sequence["_Kept"]) -> None:
        if not found:
            return
        columns = event_columns(batch, [one.fired.index for one in found], [one.fired.row.native for one in found])
        columns |= {"group": [one.group for one in found], "value": [one.value for one in found], "carried": [one.carried for one in found]}
        table = pa.Table.from_pydict(cast("Mapping[str, list[object]]", columns), schema=_KEPT)
        timed = table.filter(table.column("time").is_valid())
        if timed.num_rows < table.num_rows:
            self._timeless[place] += table.num_rows - timed.num_rows
            self._fit.add(place)
        self._add(place, timed)

    def _add(self, place: int, timed: pa.Table) -> None:
        if self._until is not None:
            in_time = timed.filter(pc.greater(timed.column("time").cast(pa.int64()), self._until))
            self._late[place] += timed.num_rows - in_time.num_rows
            timed = in_time
        taken = timed.slice(0, max(0, MAX_HITS - self._rows[place]))
        if taken.num_rows < timed.num_rows:
            self._over[place] += timed.num_rows - taken.num_rows
        if timed.num_rows:
            self._fit.add(place)
            self._newest = max(self._newest or 0, int(pc.max(timed.column("time").cast(pa.int64())).as_py()))
        if taken.num_rows:
            self._rows[place] += taken.num_rows
            self._kept.setdefault(place, []).append(taken)

    def _name(self, place: int) -> str:
        correlation = self._correlations[place]
        return f"correlation {correlation.id}, {correlation.title!r}: of the events to count it"

    def _asked(self, place: int) -> str:
        correlation = self._correlations[place]
        return f"has every field it asks for: {', '.join((*correlation.group, *correlation.value))}"


def _to_bytes(tables: Sequence[pa.Table]) -> bytes:
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, _KEPT) as writer:
        for table in tables:
            writer.write_table(table)
    return stream.getvalue().to_pybytes()


def _from_bytes(content: bytes) -> pa.Table:
    return pa.ipc.open_stream(content).read_all()


class _Kept(NamedTuple):
    """What is kept of an event."""

    fired: Fired
    group: list[str]
    value: str
    carried: list[str]


def _groups(correlation: Correlation, number: int, fields: Sequence[Sequence[str]]) -> Iterator[tuple[list[str], str]]:
    """Yield the groups an event is counted in, with the value to count; nothing if it lacks one of the fields.

    Args:
        correlation: what counts it.
        number: place of its rule among the counted.
        fields: the event's values of each field to group by and then of each to count.
    """
    width = len(correlation.group)
    for values in islice(product(*fields), MAX_VALUES):
        value = str(number) if correlation.kind.startswith("temporal") else _BETWEEN.join(values[width:])
        if correlation.kind not in _OF_NUMBERS or addend(value) is not None:
            yield list(values[:width]), value


def _passed_on(inner: Correlation, counting: tuple[Correlation, int, Counted], events: pa.Table) -> pa.Table:
    """Give what a correlation found as what another keeps of it: its groups and what it carried are the fields."""
    outer, number, counted = counting
    rows: list[tuple[int, list[str], str, list[str]]] = []
    groups = cast("list[list[str]]", events.column("group").to_pylist())
    carried = cast("list[list[str]]", events.column("carried").to_pylist())
    for place, (group, more) in enumerate(zip(groups, carried, strict=True)):
        known = {name: value.split(_BETWEEN) if value else [] for name, value in zip(inner.carried, more, strict=True)}
        known |= {name: [value] for name, value in zip(inner.group, group, strict=True)}
        onward = [_BETWEEN.join(known.get(name, ())) for name in outer.carried]
        fields = [known.get(name, []) for name in (*counted.group, *counted.value)]
        rows.extend((place, mine, value, onward) for mine, value in _groups(outer, number, fields))
    columns: dict[str, list[object]] = {
        "group": [row[1] for row in rows],
        "value": [row[2] for row in rows],
        "carried": [row[3] for row in rows],
    }
    taken = events.take(pa.array([row[0] for row in rows], pa.int64())).select(_EVENT)
    return pa.table([*taken.columns, *(pa.array(columns[field.name], field.type) for field in _MORE)], schema=_KEPT)


def _values(fired: Fired, name: str) -> Sequence[str]:
    value: Value | None = fired.row.written.get(fired.names.get(name, name))
    texts = (value,) if isinstance(value, str) else value or ()
    return [text[:MAX_VALUE_CHARACTERS] for text in texts]


def _signals(correlation: Correlation, kept: pa.Table, found: Sequence[Crossing]) -> pa.Table:
    """Make a signal of each crossing, on the event with which it begins."""
    ids = cast("list[str]", kept.column("event_id").to_pylist())
    events = kept.take(pa.array([one.place for one in found], pa.int64()))
    columns: dict[str, object] = {name: events.column(name) for name in _EVENT}
    columns |= {
        "id": [signal_id(correlation.id, event) for event in cast("list[str]", events.column("event_id").to_pylist())],
        "rule": [correlation.id] * len(found),
        "title": [correlation.title] * len(found),
        "level": [correlation.level] * len(found),
        "detector": ["sigma"] * len(found),
        "techniques": [correlation.techniques] * len(found),
        "tactics": [correlation.tactics] * len(found),
        "matches": [
            _matches(correlation, group, one) + _counted_events(one, ids)
            for one, group in zip(found, cast("list[list[str]]", events.column("group").to_pylist()), strict=True)
        ],
    }
    return pa.Table.from_pydict(cast("Mapping[str, list[object]]", columns), schema=SIGNAL_SCHEMA)


def _hits(kept: pa.Table) -> Iterator[Hit]:
    """Yield the hits in time order; one event that several rules hit alike counts once."""
    times = cast("list[int]", kept.column("time").cast(pa.int64()).to_pylist())
    columns = [cast("list[str]", kept.column(name).to_pylist()) for name in ("event_id", "value")]
    groups = cast("list[list[str]]", kept.column("group").to_pylist())
    event = ""
    seen: set[tuple[tuple[str, ...], str]] = set()
    for place, (time, name, value, written) in enumerate(zip(times, *columns, groups, strict=True)):
        if name != event:
            event = name
            seen.clear()
        hit = Hit(place, time, tuple(map(fold, written)), fold(value))
        if (hit.group, hit.value) not in seen:
            seen.add((hit.group, hit.value))
            yield hit


def _matches(correlation: Correlation, group: Sequence[str], crossing: Crossing) -> list[dict[str, str]]:
    """Say which group it was and what was counted of it, in Sigma's words."""
    counted = f"{correlation.kind}({', '.join(correlation.value)})" if correlation.value else correlation.kind
    peak = str(crossing.peak) if isinstance(crossing.peak, int) else repr(float(crossing.peak))
    pairs = [*zip(correlation.group, group, strict=True), (counted, peak)]
    return [{"field": name, "value": value} for name, value in pairs]


def _counted_events(crossing: Crossing, ids: Sequence[str]) -> list[dict[str, str]]:
    """Name the first of the events that were counted when the burst began."""
    return [{"field": "counted event", "value": name} for name in dict.fromkeys(ids[place] for place in crossing.counted)]

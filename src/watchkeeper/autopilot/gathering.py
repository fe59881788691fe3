"""One pass over the events of some files: what all of them together say. Owns what is gathered and how parts of it are joined.

A pass holds signals and counts, never events. What one pass gathered can be handed over as bytes and taken over by another, in the order of
the files; then the other knows what it would know if it had passed over those files itself.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from watchkeeper.assets import Learner, Learning
from watchkeeper.autopilot.intelligence import matcher_of
from watchkeeper.autopilot.options import Options
from watchkeeper.content import folder
from watchkeeper.detection import Detector, RuleSet, load_rules
from watchkeeper.detection.detector import Handed
from watchkeeper.detection.intel.observing import Observer
from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.reach import MOST_SOURCES
from watchkeeper.detection.sigma.placeholder_file import read_placeholders
from watchkeeper.detection.sigma.placeholders import NO_VALUES
from watchkeeper.lake import OBSERVED, Keeper, ObservedWriter
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.signal import SIGNAL_SCHEMA
from watchkeeper.model.sourceread import SourceRead
from watchkeeper.tracing.edges import Extraction

Span = tuple[datetime, datetime]
"""The times of the first and the last event, UTC."""
_SOURCES = TypeAdapter(tuple[SourceRead, ...])


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What a pass hands over."""

    sources: bytes
    """JSON."""
    signals: bytes
    """An Arrow stream."""
    events: int
    span: Span | None
    log_sources: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    learning: Learning
    handed: Handed


def rules_of(options: Options) -> RuleSet:
    """Load the rules that a person asks for; those that are switched off give no signals.

    Raises:
        OSError: a given path cannot be read.
        ValueError: the placeholders cannot be used.
    """
    placeholders = read_placeholders(options.placeholders) if options.placeholders else NO_VALUES
    return without(load_rules(((folder("rules"),) if options.own_rules else ()) + options.rules, placeholders=placeholders), options.quiet)


def without(rules: RuleSet, quiet: Collection[str]) -> RuleSet:
    """Give the same rules, of which some give no signals: correlations still count what these fire on."""
    if not quiet:
        return rules
    events = tuple(replace(one, emits=False) if one.id in quiet else one for one in rules.rules)
    counting = tuple(replace(one, emits=False) if one.id in quiet else one for one in rules.correlations)
    return replace(rules, rules=events, correlations=counting)


class Finder(Protocol):
    """What finds something in events: a detector with its rules, a hunter with its hunts."""

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong, in sentences."""
        ...

    @property
    def unraised(self) -> tuple[str, ...]:
        """What was found and does not count, in sentences."""
        ...

    def signals(self, batch: Batch) -> pa.Table:
        """Give the signals of a batch (`SIGNAL_SCHEMA`)."""
        ...

    def finish(self) -> pa.Table:
        """Give the signals that only all events together give (`SIGNAL_SCHEMA`)."""
        ...


def detector_of(ruleset: RuleSet, options: Options) -> Detector:
    """Give what detects as a person asks.

    Raises:
        OSError: the intelligence or the watchlists cannot be read.
        ValueError: the log sources, the intelligence or the watchlists cannot be used.
    """
    return Detector(ruleset, log_sources(*options.log_sources), engine=options.engine, intel=matcher_of(options))


def telling_of(options: Options) -> frozenset[str]:
    """Give the fields by which events of one log source are told apart.

    Raises:
        OSError: the log sources cannot be read.
        ValueError: the log sources cannot be used.
    """
    return log_sources(*options.log_sources).telling


class Pass:
    """Takes in batches and accounts of sources."""

    def __init__(self, finder: Finder, telling: frozenset[str] = frozenset()) -> None:
        """Take what finds something in the events, and the fields by which events are told apart; nothing is gathered yet."""
        self._finder = finder
        self._telling = telling
        self._learner = Learner()
        self._sources: list[SourceRead] = []
        self._signals: list[pa.Table] = []
        self._events = 0
        self._span: Span | None = None
        self._log_sources: dict[LogSource, set[str]] = {}

    @property
    def sources(self) -> tuple[SourceRead, ...]:
        """What became of each source."""
        return tuple(self._sources)

    @property
    def events(self) -> int:
        """How many events there were."""
        return self._events

    @property
    def span(self) -> Span | None:
        """The times of the first and the last event; none if no event has a time."""
        return self._span

    @property
    def log_sources(self) -> dict[LogSource, frozenset[str]]:
        """The log sources of the events, `MOST_SOURCES` at most, each with those fields by which events are told apart that it has."""
        return {source: frozenset(fields) for source, fields in self._log_sources.items()}

    @property
    def learner(self) -> Learner:
        """What was learnt of assets."""
        return self._learner

    @property
    def problems(self) -> tuple[str, ...]:
        """What went wrong with rules on events."""
        return self._finder.problems

    @property
    def unraised(self) -> tuple[str, ...]:
        """Matches of intelligence that were not raised, and why."""
        return self._finder.unraised

    def over(self, items: Iterable[Batch | SourceRead], keep_in: Path | None = None, series: str = "") -> None:
        """Take in everything, and keep the events in a folder if one is given, in parts of that series."""
        keeper = _Keeping(keep_in, series) if keep_in else None
        for item in items:
            if isinstance(item, SourceRead):
                self._sources.append(item)
            else:
                self._take(item)
                if keeper:
                    keeper.add(item)
        if keeper:
            keeper.flush()

    def lose(self, sources: Iterable[SourceRead]) -> None:
        """Take in that nothing is known of some sources."""
        self._sources.extend(sources)

    def finish(self) -> pa.Table:
        """Give every signal, in the order of the events, and those that only all events together give after them (`SIGNAL_SCHEMA`)."""
        found = self._finder.finish()
        return pa.concat_tables([SIGNAL_SCHEMA.empty_table(), *self._signals, found])

    def _take(self, batch: Batch) -> None:
        self._events += batch.table.num_rows
        self._see(batch.logsource, self._telling.intersection(batch.table.column_names))
        found = self._finder.signals(batch)
        if found.num_rows:
            self._signals.append(found)
        self._learner.observe(batch)
        times = cast("dict[str, datetime | None]", pc.min_max(batch.table.column("_time")).as_py())
        first, last = times["min"], times["max"]
        if first and last:
            self._widen(first, last)

    def _see(self, source: LogSource, fields: Iterable[str]) -> None:
        if source in self._log_sources or len(self._log_sources) < MOST_SOURCES:
            self._log_sources.setdefault(source, set()).update(fields)

    def _widen(self, first: datetime, last: datetime) -> None:
        known = self._span or (first, last)
        self._span = min(known[0], first).astimezone(UTC), max(known[1], last).astimezone(UTC)


class SharedPass(Pass):
    """A pass that several processes share: each hands over what it gathered, and one takes it over."""

    def __init__(self, detector: Detector, telling: frozenset[str]) -> None:
        """Take the detector, which alone can hand over what it knows, and the fields that tell; nothing is gathered yet."""
        super().__init__(detector, telling)
        self._detector = detector

    def hand_over(self) -> bytes:
        """Give what was gathered, and forget it."""
        sources, signals = _SOURCES.dump_json(self.sources), _to_bytes(self._signals)
        seen = tuple((one.product, one.service, one.event_type, tuple(fields)) for one, fields in self._log_sources.items())
        gathered = _Gathered(sources, signals, self._events, self._span, seen, self._learner.hand_over(), self._detector.hand_over())
        self._sources, self._signals, self._events, self._span, self._log_sources = [], [], 0, None, {}
        return msgspec.msgpack.encode(gathered)

    def take_over(self, handed: bytes) -> None:
        """Take in what another pass gathered over the files that come next."""
        gathered = msgspec.msgpack.decode(handed, type=_Gathered)
        self._sources.extend(_SOURCES.validate_json(gathered.sources))
        self._signals.append(pa.ipc.open_stream(gathered.signals).read_all())
        self._events += gathered.events
        self._learner.take_over(gathered.learning)
        self._detector.take_over(gathered.handed)
        for product, service, event_type, fields in gathered.log_sources:
            self._see(LogSource(product=product, service=service, event_type=event_type), fields)
        if gathered.span:
            self._widen(*gathered.span)


class _Keeping:
    """Keeps events with the edges that they show, and beside them what they named."""

    def __init__(self, folder: Path, series: str) -> None:
        self._keeper = Keeper(folder, series)
        self._extraction = Extraction()
        self._observed = ObservedWriter(folder / OBSERVED, series)
        self._observer = Observer()

    def add(self, batch: Batch) -> None:
        self._keeper.add(batch, self._extraction.of(batch))
        self._observer.take(batch)
        if self._observer.is_full:
            self._observed.add(self._observer.taken_out())

    def flush(self) -> None:
        self._keeper.flush()
        self._observed.add(self._observer.taken_out())


def _to_bytes(tables: Iterable[pa.Table]) -> bytes:
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, SIGNAL_SCHEMA) as writer:
        for table in tables:
            writer.write_table(table)
    return stream.getvalue().to_pybytes()

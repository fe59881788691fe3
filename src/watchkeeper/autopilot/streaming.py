"""From what senders hand over to stored events and signals. Owns which lane a record takes; lanes, rules and the lake stand in their steps.

received ─► hot lane: lines of known kinds ─► columns            ┐
         │     └ lines on which a rule may fire ─► slow lane ─► detector ─► signals
         └► slow lane: everything else ─► batches ─► columns, detector ┘
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.autopilot.gathering import rules_of
from watchkeeper.autopilot.handing import Found
from watchkeeper.autopilot.intelligence import matcher_of
from watchkeeper.autopilot.options import Options
from watchkeeper.detection import Detector
from watchkeeper.detection.detector import Handed
from watchkeeper.detection.lines import LineDetector
from watchkeeper.detection.logsources import log_sources
from watchkeeper.ingest.again import Again
from watchkeeper.ingest.arrival import SlowLane
from watchkeeper.ingest.arrived_lines import Line
from watchkeeper.ingest.batching import Batcher
from watchkeeper.ingest.hot import HotLane
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.received import Received
from watchkeeper.model.signal import SIGNAL_SCHEMA
from watchkeeper.model.sourceread import UNKNOWN_READER, SourceRead
from watchkeeper.schema.storing import stored

_LINE_FEED = 10
_BATCH_ROWS = 4_096
_TEXT_KINDS = {
    "src_endpoint.ip": "address", "dst_endpoint.ip": "address", "src_endpoint.hostname": "host", "dst_endpoint.hostname": "host",
    "_host": "host", "url.url_string": "url", "actor.process.file.path": "process", "process.file.path": "process", "file.path": "file",
    "actor.user.name": "user", "user.name": "user", "file.hashes.value": "hash",
}  # fmt: skip
"""Stored columns that are compared with intelligence, with the kind of their texts."""


class Alike(NamedTuple):
    """What batches have in common that can be one."""

    tenant: str
    logsource: LogSource
    several: frozenset[str]
    """Fields that are lists."""


@dataclass(slots=True)
class Taken:
    """What came of some of what was received."""

    events: list[pa.Table] = field(default_factory=list[pa.Table])
    """Tables in `STORED_SCHEMA`."""
    signals: dict[str, list[pa.Table]] = field(default_factory=dict[str, list[pa.Table]])
    """Tables in `SIGNAL_SCHEMA` by tenant."""
    by_tenant: Counter[str] = field(default_factory=Counter[str])
    """How many events of each."""
    counted: dict[str, list[Handed]] = field(default_factory=dict[str, list[Handed]])
    """What correlation rules count of them, by tenant: the keeper counts over all senders."""
    unread: Counter[str] = field(default_factory=Counter[str])
    """Records that no reader understood, by listener; they are kept raw."""
    failed: Counter[str] = field(default_factory=Counter[str])
    """Events that could not be seen in the schema, or on which detection failed, by the reason; they are kept."""
    waiting: dict[Alike, list[tuple[int, Batch]]] = field(default_factory=dict[Alike, list[tuple[int, Batch]]])
    """Batches of events that are dealt with together, with when they came: many small ones would cost far more."""
    hit: dict[str, Batcher] = field(default_factory=dict[str, Batcher])
    """Events that are stored already and that a rule may fire on, by tenant."""

    @property
    def rows(self) -> int:
        """How many events there are."""
        return self.by_tenant.total()

    def wait(self, received: Received, batch: Batch) -> None:
        """Have events wait for others of their kind."""
        fields: pa.Schema = batch.table.schema
        several = frozenset(name for name in fields.names if pa.types.is_list(cast("pa.DataType", fields.field(name).type)))
        self.waiting.setdefault(Alike(received.sender.tenant, batch.logsource, several), []).append((received.time, batch))
        self.by_tenant[received.sender.tenant] += batch.table.num_rows

    def found(self) -> dict[str, Found]:
        """Give what was found, by tenant."""
        tenants = dict.fromkeys([*self.signals, *self.counted])
        return {
            tenant: Found(
                pa.concat_tables([SIGNAL_SCHEMA.empty_table(), *self.signals.get(tenant, ())]), tuple(self.counted.get(tenant, ()))
            )
            for tenant in tenants
        }

    def add(self, events: pa.Table, tenant: str) -> None:
        """Take in stored events of a tenant."""
        self.events.append(events)
        self.by_tenant[tenant] += events.num_rows


class Stream:
    """Everything that one worker does with what its senders hand over, but for keeping it."""

    def __init__(self, options: Options) -> None:
        """Load rules and intelligence as they are asked for.

        Raises:
            OSError: rules, log sources or intelligence cannot be read.
            ValueError: they cannot be used.
        """
        ruleset, sources = rules_of(options), log_sources(*options.log_sources)
        self.rules = len(ruleset.rules)
        self._options = options
        self._detector = Detector(ruleset, sources, engine=options.engine)
        self.refresh()
        self._sieve = LineDetector(ruleset, sources=sources)
        self._hot = HotLane()
        self._slow = SlowLane()
        self._again = Again()

    def refresh(self) -> None:
        """Take up what was installed of intelligence, or is looked out for, since.

        Raises:
            OSError: something of it cannot be read; what was known before stays.
            ValueError: something of it is damaged or wrong; what was known before stays.
        """
        self._intel = matcher_of(self._options)
        self._detector.know(self._intel)

    @property
    def again(self) -> int:
        """Records that came again under their sender's own id, and were dropped."""
        return self._again.dropped

    def remember(self, sender: str, ids: Sequence[str]) -> None:
        """Take in the ids of records that were taken in before this process began."""
        self._again.remember(sender, ids)

    def take(self, received: Received, sequence: int, into: Taken) -> None:
        """Take in what was received; `sequence` is its number in the journal."""
        received = self._again.without(received)
        if not received.records:
            return
        events, left = self._hot.events(received, sequence)
        if events.num_rows:
            into.add(events, received.sender.tenant)
            self._sift(received, sequence, (events, left), into)
        if left:
            self._slowly(received, sequence, left, into)

    def _sift(self, received: Received, sequence: int, lanes: tuple[pa.Table, Sequence[Line]], into: Taken) -> None:
        """Detect on the lines on which a rule may fire, or of which intelligence may know; the others need no events made of them."""
        events, left = lanes
        body = received.body
        hit: NDArray[np.int64] = np.unique(self._sieve.hits(body).offsets)
        known = self._known_places(events)
        if not len(hit) and not known:
            return
        ends = np.flatnonzero(np.frombuffer(body, np.uint8) == _LINE_FEED)
        places = {*cast("list[int]", np.searchsorted(ends, hit).tolist()), *known} - {line.place for line in left}
        lines = [Line(place, body[int(ends[place - 1]) + 1 if place else 0 : int(ends[place])]) for place in sorted(places)]
        batcher = into.hit.setdefault(received.sender.tenant, Batcher(_BATCH_ROWS))
        for item in self._slow.events(received, sequence, lines, batcher):
            if isinstance(item, Batch):  # it was full
                self._detect(item, received.sender.tenant, into)

    def _known_places(self, events: pa.Table) -> list[int]:
        """Give the places of stored events that intelligence may know of, and of all that ask for a name: their answers are not stored."""
        if self._intel is None:
            return []
        mask = self._intel.suspects(((kind, events.column(name)) for name, kind in _TEXT_KINDS.items()), events.num_rows)
        mask |= cast("Any", events.column("query.hostname").is_valid()).to_numpy()
        return cast("list[int]", events.column("_row").to_numpy()[mask].tolist())

    def _slowly(self, received: Received, sequence: int, lines: Sequence[Line], into: Taken) -> None:
        """Make events of lines."""
        for item in self._slow.events(received, sequence, lines):
            if isinstance(item, SourceRead):
                into.unread[received.listener] += item.events if item.reader == UNKNOWN_READER else 0
            else:
                into.wait(received, item)

    def settle(self, into: Taken) -> None:
        """Detect on what waits, and bring it into the shape in which it is stored."""
        for tenant, batcher in into.hit.items():
            for batch in batcher.flush():
                self._detect(batch, tenant, into)
        for alike, waiting in into.waiting.items():
            batch = Batch(alike.logsource, pa.concat_tables([one.table for _, one in waiting], promote_options="default"))
            times = np.repeat([time for time, _ in waiting], [one.table.num_rows for _, one in waiting])
            into.events.append(self._stored(batch, alike.tenant, pa.array(times, pa.int64()), into))
            self._detect(batch, alike.tenant, into)
        into.waiting.clear()
        into.hit.clear()

    def _stored(self, batch: Batch, tenant: str, times: Any, into: Taken) -> pa.Table:
        try:
            return stored(batch, tenant, times)
        except Exception as failure:  # noqa: BLE001 - an event that the schema cannot see is kept all the same, and counted
            into.failed[f"schema: {type(failure).__name__}"] += batch.table.num_rows
            return stored(Batch(LogSource(product="unknown"), batch.table.select(RESERVED.names)), tenant, times)

    def _detect(self, batch: Batch, tenant: str, into: Taken) -> None:
        try:
            found = self._detector.signals(batch)
        except Exception as failure:  # noqa: BLE001 - what one event does to detection must not stop the others: it is counted
            into.failed[f"detection: {type(failure).__name__}"] += batch.table.num_rows
            return
        if found.num_rows:
            into.signals.setdefault(tenant, []).append(found)
        counted = self._detector.hand_over()
        if counted.tally.hits:
            into.counted.setdefault(tenant, []).append(counted)

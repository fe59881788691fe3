"""From what senders hand over to stored events and signals. Owns which lane a record takes; lanes, rules and the lake stand in their steps.

received ─► hot lane: lines of known kinds ─► columns            ┐
         │     └ lines on which a rule may fire ─► slow lane ─► detector ─► signals
         └► slow lane: everything else ─► batches ─► columns, detector ┘
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from watchkeeper.autopilot.gathering import detector_of, rules_of
from watchkeeper.autopilot.handing import Found
from watchkeeper.autopilot.options import Options
from watchkeeper.detection.detector import Handed
from watchkeeper.detection.lines import LineDetector
from watchkeeper.detection.logsources import log_sources
from watchkeeper.ingest.again import Again
from watchkeeper.ingest.arrival import SlowLane
from watchkeeper.ingest.arrived_lines import Line
from watchkeeper.model.batch import Batch
from watchkeeper.model.received import Received
from watchkeeper.model.signal import SIGNAL_SCHEMA
from watchkeeper.model.sourceread import UNKNOWN_READER, SourceRead
from watchkeeper.schema.storing import stored

_LINE_FEED = 10


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

    @property
    def rows(self) -> int:
        """How many events there are."""
        return self.by_tenant.total()

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
        """Take in events of a tenant."""
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
        ruleset = rules_of(options)
        self.rules = len(ruleset.rules)
        self._detector = detector_of(ruleset, options)
        self._sieve = LineDetector(ruleset, sources=log_sources(*options.log_sources))
        self._hot = _NoHot()
        self._slow = SlowLane()
        self._again = Again()

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
        events, left = self._hot.events(received, sequence) if not received.sender.reader else (None, None)
        if events is not None:
            into.add(events, received.sender.tenant)
            self._sift(received, sequence, left or (), into)
        if left is None or left:
            self._slowly(received, sequence, left, into)

    def _sift(self, received: Received, sequence: int, left: Sequence[Line], into: Taken) -> None:
        """Detect on the lines on which a rule may fire; the others need no events made of them."""
        body, places = _without(received.body, left)
        hit = np.unique(self._sieve.hits(body).offsets)
        if not len(hit):
            return
        ends = np.flatnonzero(np.frombuffer(body, np.uint8) == _LINE_FEED)
        numbers = np.searchsorted(ends, hit)
        lines = [Line(int(places[number]), body[int(start) : int(ends[number])]) for start, number in zip(hit, numbers, strict=True)]
        for item in self._slow.events(received, sequence, lines):
            if isinstance(item, Batch):
                self._detect(item, received.sender.tenant, into)

    def _slowly(self, received: Received, sequence: int, lines: Sequence[Line] | None, into: Taken) -> None:
        """Make events of lines, all of them if none are named, keep and detect."""
        for item in self._slow.events(received, sequence, lines):
            if isinstance(item, SourceRead):
                into.unread[received.listener] += item.events if item.reader == UNKNOWN_READER else 0
                continue
            into.add(stored(item, received.sender.tenant, received.time), received.sender.tenant)
            self._detect(item, received.sender.tenant, into)

    def _detect(self, batch: Batch, tenant: str, into: Taken) -> None:
        found = self._detector.signals(batch)
        if found.num_rows:
            into.signals.setdefault(tenant, []).append(found)
        counted = self._detector.hand_over()
        if counted.tally.hits:
            into.counted.setdefault(tenant, []).append(counted)


def _without(body: bytes, left: Sequence[Line]) -> tuple[bytes, Sequence[int]]:
    """Give the lines that are not among those left, and the place of each."""
    count = body.count(b"\n")
    if not left:
        return body, range(count)
    out = {line.place for line in left}
    places = [place for place in range(count) if place not in out]
    lines = body.split(b"\n")
    return b"".join(lines[place] + b"\n" for place in places), places


class _NoHot:
    def events(self, received, sequence):
        return None, None

"""What a record's local clock reads in UTC. Owns learning it from events that tell both; which fields hold the two is the readers'.

Exports of Windows events often write local time, even with a `Z` behind it or on a twelve-hour dial, while Sysmon's `UtcTime` beside it is
right. Events that have both teach, for each host and quarter of an hour as written, how far that clock is off; the others are set by it.
"""

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource

WINDOW_ROWS = 12_288
"""Rows held back, so that an event can be set by those that stand after it in the file."""
WINDOW_CHARS = 24 * 1024 * 1024
"""Characters of raw text held back at most."""
_STEP_SECONDS = 900
_MAX_OFFSET_SECONDS = 26 * 3_600
_NOISE_SECONDS = 5
_TRUST_SECONDS = 120
_MAX_QUARTERS = 4_096
_ENOUGH_VOTES = 256


class Timed(NamedTuple):
    """A row in the making, whose clock is in doubt."""

    logsource: LogSource
    host: str
    fields: Mapping[str, Value]
    raw: str
    claimed: datetime | None
    """UTC as the record claims; it stands as long as nothing better is known."""
    local: datetime
    """What its clock reads."""
    utc: datetime | None
    """UTC by a second clock in the same event; none if there is none."""

    def at(self, time: datetime | None) -> Row:
        """Give the row, set to that time."""
        return Row(self.logsource, time, self.host, self.fields, self.raw)


@dataclass(slots=True)
class _Host:
    """Offsets in seconds, by quarter of an hour as written, with how many events said so."""

    votes: dict[int, Counter[int]] = field(default_factory=dict[int, Counter[int]])
    quarters: list[int] = field(default_factory=list[int])

    def learn(self, quarter: int, offset: int) -> None:
        counted = self.votes.get(quarter)
        if counted is None:
            if len(self.quarters) >= _MAX_QUARTERS:
                return
            counted = self.votes[quarter] = Counter[int]()
            self.quarters.insert(bisect_left(self.quarters, quarter), quarter)
        counted[offset] += 1

    def settled(self, quarter: int) -> bool:
        """Whether so many events have spoken for that quarter that no more are asked."""
        votes = self.votes.get(quarter)
        return votes is not None and votes.total() >= _ENOUGH_VOTES

    def offset(self, quarter: int) -> int | None:
        """Give what most events of that quarter say, else of the nearest quarter; none if nothing is known."""
        if not self.quarters:
            return None
        votes = self.votes.get(quarter)
        if votes is None:
            at = bisect_left(self.quarters, quarter)
            votes = self.votes[min(self.quarters[max(0, at - 1) : at + 1], key=lambda known: (abs(known - quarter), known))]
        return max(votes.items(), key=_weight)[0] if len(votes) > 1 else next(iter(votes))


class Clock:
    """What is known of the clocks of one file."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Host] = {}
        self._all = _Host()

    def learn(self, one: Timed) -> None:
        """Take in an event that tells both times, unless they differ by no whole quarters of an hour: then one of them is out of order."""
        if one.utc is None:
            return
        quarter, host = _quarter(one.local), self._hosts.get(one.host)
        if host is not None and host.settled(quarter):
            return
        apart = (one.utc - one.local).total_seconds()
        offset = round(apart / _STEP_SECONDS) * _STEP_SECONDS
        if abs(apart - offset) <= _NOISE_SECONDS and abs(offset) <= _MAX_OFFSET_SECONDS:
            self._hosts.setdefault(one.host, _Host()).learn(quarter, offset)
            self._all.learn(quarter, offset)

    def set(self, one: Timed) -> Row:
        """Give the row with its time in UTC: the second clock's if it agrees with what is known, else the local clock's, corrected."""
        quarter = _quarter(one.local)
        offset = self._hosts.get(one.host, self._all).offset(quarter)
        if offset is None:
            return one.at(one.utc or one.claimed)
        corrected = one.local + timedelta(seconds=offset)
        if one.utc is not None and abs((one.utc - corrected).total_seconds()) <= _TRUST_SECONDS:
            return one.at(one.utc)
        return one.at(corrected)


def in_utc(found: Iterator[Row | Timed | Skipped]) -> Iterator[Row | Skipped]:
    """Set each row's clock by the events around it, in unchanged order; how many rows are held back is bounded."""
    clock, held, chars = Clock(), deque[Row | Timed | Skipped](), 0
    try:
        for one in found:
            if isinstance(one, Timed):
                clock.learn(one)
                chars += len(one.raw)
            elif not held:
                yield one
                continue
            held.append(one)
            while len(held) > WINDOW_ROWS or chars > WINDOW_CHARS:
                first = held.popleft()
                chars -= len(first.raw) if isinstance(first, Timed) else 0
                yield clock.set(first) if isinstance(first, Timed) else first
    except ValueError:  # the stream broke off: what was read before is good
        yield from (clock.set(one) if isinstance(one, Timed) else one for one in held)
        raise
    yield from (clock.set(one) if isinstance(one, Timed) else one for one in held)


def at_once(found: Row | Timed | Skipped) -> Row | Skipped:
    """Give a row that stands alone, by its second clock if it has one, else as it claims."""
    return found.at(found.utc or found.claimed) if isinstance(found, Timed) else found


def _quarter(local: datetime) -> int:
    return int(local.timestamp()) // _STEP_SECONDS


def _weight(vote: tuple[int, int]) -> tuple[int, int, int]:
    offset, count = vote
    return count, -abs(offset), offset

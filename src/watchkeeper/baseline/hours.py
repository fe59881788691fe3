"""The hours in which each rule was seen on each host, as one small Arrow table. Owns merging, pruning and its bytes; decay is `familiar`'s.

A set of hours is kept rather than a running sum, so that evidence read twice, in any order or in parts, teaches the same thing once.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, cast

import pyarrow as pa

KEPT_DAYS = 84
"""Days before the newest one that are kept: six half-lives, after which an hour counts under 2 %."""

HOURS_SCHEMA = pa.schema(
    [
        pa.field("day", pa.int32(), nullable=False),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("host", pa.string(), nullable=False),
        pa.field("hours", pa.int32(), nullable=False),
    ]
)
"""One row a day, rule and host, sorted by them: days since 1970-01-01 UTC, and a bit for each hour of that day in which the rule fired."""

_DAY_HOURS = 24


class Sighting(NamedTuple):
    """A rule fired on a host within an hour, however often."""

    hour: int
    """Hours since 1970-01-01 UTC."""
    rule: str
    """Id of the rule."""
    host: str
    """Host as the signals name it, or what stands for it where they name none."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What was seen so far; a new one is made when more is learnt."""

    table: pa.Table
    """Rows as in `HOURS_SCHEMA`."""

    @classmethod
    def empty(cls) -> "Baseline":
        """Give a baseline that knows nothing."""
        return cls(HOURS_SCHEMA.empty_table())

    @classmethod
    def from_bytes(cls, content: bytes) -> "Baseline":
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: the content is not a baseline of this version.
        """
        try:
            table = pa.ipc.open_stream(content).read_all()
        except pa.ArrowInvalid as e:
            raise ValueError("this is not a saved baseline: it cannot be read as an Arrow stream") from e
        if not table.schema.equals(HOURS_SCHEMA):
            raise ValueError(f"this is not a saved baseline of this version: its columns are {table.schema.names!r}")
        return cls(table)

    def to_bytes(self) -> bytes:
        """Write it as an Arrow IPC stream."""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, HOURS_SCHEMA) as writer:
            writer.write_table(self.table)
        return sink.getvalue().to_pybytes()

    def sightings(self) -> Iterator[Sighting]:
        """Yield every hour kept, in the order of days, rules and hosts."""
        for (day, rule, host), mask in self._masks().items():
            for hour in range(_DAY_HOURS):
                if mask >> hour & 1:
                    yield Sighting(day * _DAY_HOURS + hour, rule, host)

    def hosts(self) -> tuple[str, ...]:
        """Give the hosts on which anything fired, by name; what stands for a host where signals name none is left out."""
        places = cast("list[str]", self.table.column("host").unique().to_pylist())
        return tuple(sorted(place.removeprefix("host:") for place in places if place.startswith("host:")))

    def learn(self, sightings: Iterable[Sighting]) -> "Baseline":
        """Add hours and forget those more than `KEPT_DAYS` before the newest; what is already known changes nothing."""
        masks = self._masks()
        for hour, rule, host in sightings:
            key = (hour // _DAY_HOURS, rule, host)
            masks[key] = masks.get(key, 0) | 1 << hour % _DAY_HOURS
        if not masks:
            return self
        oldest = max(day for day, _, _ in masks) - KEPT_DAYS
        return _of({key: mask for key, mask in masks.items() if key[0] >= oldest})

    def without(self, sightings: Iterable[Sighting]) -> "Baseline":
        """Take hours out; those that are not in it change nothing."""
        masks = self._masks()
        for hour, rule, host in sightings:
            key = (hour // _DAY_HOURS, rule, host)
            if key in masks:
                masks[key] &= ~(1 << hour % _DAY_HOURS)
        return _of(masks)

    def _masks(self) -> dict[tuple[int, str, str], int]:
        """Give the hours of each day, rule and host."""
        days, rules, hosts, hours = (column.to_pylist() for column in self.table.columns)
        return {
            (cast("int", day), cast("str", rule), cast("str", host)): cast("int", mask)
            for day, rule, host, mask in zip(days, rules, hosts, hours, strict=True)
        }


def _of(masks: Mapping[tuple[int, str, str], int]) -> Baseline:
    """Make a baseline of the hours of each day, rule and host; those without any are left out."""
    rows = sorted((*key, mask) for key, mask in masks.items() if mask)
    days, rules, hosts, hours = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Baseline(pa.table({"day": days, "rule": rules, "host": hosts, "hours": hours}, schema=HOURS_SCHEMA))

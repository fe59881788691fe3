"""Counting in a stream: what detectors counted comes together, and is told as time goes on. Owns when, and the bytes of its state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import msgspec
import pyarrow as pa
import zstandard

from watchkeeper.detection.counting import Counts, Tally
from watchkeeper.detection.sigma import Correlation
from watchkeeper.model.signal import SIGNAL_SCHEMA

LATE = timedelta(seconds=30)
"""Correlations wait so long for events that are late: until the newest event is so much newer, or nothing came for so long."""
_BY_PLACE = tuple(field.name for field in fields(Tally) if field.name != "until")


@dataclass(frozen=True, slots=True)
class _Written:
    """A tally with the ids of the correlations whose places it speaks of: who goes on from it may have others."""

    ids: tuple[str, ...]
    tally: Tally


class Counting:
    """Takes in what detectors hand over of one tenant, and tells signals when their events are complete."""

    def __init__(self, correlations: Sequence[Correlation], kept: bytes = b"") -> None:
        """Take the correlations; go on from what another kept, as far as it is about them.

        Raises:
            ValueError: it is not what this version kept.
        """
        self._correlations = correlations
        self._counts = Counts(correlations)
        self._heard: datetime | None = None
        if kept:
            self._counts.take_over(self._placed(_read(kept)))

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be counted, one sentence for each correlation and reason."""
        return self._counts.problems

    def keep(self) -> bytes:
        """Give everything that another needs to go on from here."""
        written = _Written(tuple(one.id for one in self._correlations), self._counts.keep())
        return zstandard.ZstdCompressor(level=1).compress(msgspec.msgpack.encode(written))

    def take(self, tally: Tally, now: datetime) -> None:
        """Take in what a detector with the same correlations handed over."""
        self._counts.take_over(tally)
        self._heard = now

    def told(self, now: datetime) -> pa.Table:
        """Give the signals whose events are complete by now (`SIGNAL_SCHEMA`), each once; an event in the future completes nothing."""
        if self._counts.newest is None:
            return SIGNAL_SCHEMA.empty_table()
        self._heard = self._heard or now
        newest = min(_EPOCH + timedelta(microseconds=self._counts.newest), now)
        return self.told_until(newest if now - self._heard >= LATE else newest - LATE)

    def told_until(self, moment: datetime) -> pa.Table:
        """Give the same, taking it that everything up to a moment has come."""
        return self._counts.settled(moment)

    def _placed(self, written: _Written) -> Tally:
        """Give a tally by the places that its correlations have here."""
        here = {one.id: place for place, one in enumerate(self._correlations)}
        places = {place: here[id_] for place, id_ in enumerate(written.ids) if id_ in here}
        found: dict[str, Any] = {"until": written.tally.until}
        for name in _BY_PLACE:
            by_place = cast("Mapping[int, Any]", getattr(written.tally, name))
            found[name] = {places[place]: value for place, value in by_place.items() if place in places}
        return Tally(**found)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _read(content: bytes) -> _Written:
    try:
        return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(content), type=_Written)
    except (msgspec.MsgspecError, zstandard.ZstdError) as error:
        raise ValueError(f"this is not what correlations of this version counted: {error}") from error

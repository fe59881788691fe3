"""Counting in a stream: what detectors counted comes together, and is told as time goes on. Owns the clock and the bytes.

What is handed over names correlations by their ids, so that whoever takes it may have others: what is counted for those that it lacks is
left out and said to be so.
"""

from collections import Counter
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

LATE_SECONDS = 30
"""Correlations wait so long for events that are late; a burst is told so long after it began at the earliest."""
_BY_PLACE = tuple(field.name for field in fields(Tally) if field.name != "until")


@dataclass(frozen=True, slots=True)
class _Written:
    """A tally with the ids of the correlations whose places it speaks of."""

    ids: tuple[str, ...]
    tally: Tally
    newest: int | None = None


def handed(correlations: Sequence[Correlation], tally: Tally, newest: int | None = None) -> bytes:
    """Give a tally as bytes, for another with the same or other correlations."""
    written = _Written(tuple(one.id for one in correlations), tally, newest)
    return zstandard.ZstdCompressor(level=1).compress(msgspec.msgpack.encode(written))


class Counting:
    """Takes in what detectors hand over of one tenant, and tells signals when their events are complete."""

    def __init__(self, correlations: Sequence[Correlation], kept: bytes | None = None) -> None:
        """Take the correlations; go on from what another kept.

        Raises:
            ValueError: it is not what this version kept.
        """
        self._correlations = correlations
        self._counts = Counts(correlations)
        self._newest: int | None = None
        self._lacking: Counter[str] = Counter()
        if kept:
            written = _read(kept)
            self._newest = written.newest
            self._counts.take_over(self._placed(written))

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be counted, one sentence for each correlation and reason."""
        lacking = (
            f"correlation {id_}: it is not loaded, {count:,} hand-overs for it were left out" for id_, count in self._lacking.items()
        )
        return (*self._counts.problems, *lacking)

    def keep(self) -> bytes:
        """Give everything that another needs to go on from here."""
        return handed(self._correlations, self._counts.keep(), self._newest)

    def take(self, counted: bytes) -> None:
        """Take in what a detector handed over.

        Raises:
            ValueError: it is not what a detector of this version hands over.
        """
        self._counts.take_over(self._placed(_read(counted)))

    def see(self, newest: int, now: int) -> None:
        """Take note of the time of the newest event, µs since 1970; one that lies in the future carries nobody away."""
        self._newest = max(min(newest, now), self._newest or 0)

    def told(self) -> pa.Table:
        """Give the signals whose events are complete (`SIGNAL_SCHEMA`), each once."""
        if self._newest is None:
            return SIGNAL_SCHEMA.empty_table()
        return self._counts.settled(datetime.fromtimestamp(self._newest / 1_000_000, UTC) - timedelta(seconds=LATE_SECONDS))

    def _placed(self, written: _Written) -> Tally:
        """Give a tally by the places that its correlations have here."""
        here = {one.id: place for place, one in enumerate(self._correlations)}
        places = {place: here[id_] for place, id_ in enumerate(written.ids) if id_ in here}
        found: dict[str, Any] = {"until": written.tally.until}
        for name in _BY_PLACE:
            by_place = cast("Mapping[int, Any]", getattr(written.tally, name))
            found[name] = {places[place]: value for place, value in by_place.items() if place in places}
        self._lacking.update(written.ids[place] for place in written.tally.hits if place not in places)
        return Tally(**found)


def _read(content: bytes) -> _Written:
    try:
        return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(content), type=_Written)
    except (msgspec.MsgspecError, zstandard.ZstdError) as error:
        raise ValueError(f"this is not what correlations of this version counted: {error}") from error

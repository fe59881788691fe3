"""What a correlator keeps between signals, and its bytes. Owns the shape: everything needed to go on elsewhere as if never stopped."""

from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa

from watchkeeper.baseline import Baseline, Familiar, Known, Sighting
from watchkeeper.correlation.fold import Folded, FoldKey
from watchkeeper.correlation.rarity import Met
from watchkeeper.correlation.session import Sessions
from watchkeeper.correlation.steady import Run
from watchkeeper.correlation.underway import Underway
from watchkeeper.model.note import Note
from watchkeeper.model.signal import SIGNAL_SCHEMA


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a correlator stands in time."""

    first: int | None = None
    """Time of the first signal, µs."""
    newest: int | None = None
    """Time of the last signal that was put in order, µs."""
    day: int = 0
    """The last day that began, counted from the first signal."""
    settled: int = -1
    """The last day that was settled."""
    late: int = 0
    """How many signals came too late to be put in order."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything a correlator knows."""

    waiting: pa.Table
    """Signals that wait for earlier ones, as in `SIGNAL_SCHEMA`."""
    sessions: Sessions
    folds: tuple[tuple[FoldKey, Folded], ...]
    met: tuple[tuple[int, Met], ...]
    day_of: tuple[tuple[int, int], ...]
    """Number of a session and the day it counts to."""
    steady: tuple[tuple[tuple[str, str], Run], ...]
    familiar: Known
    underway: tuple[Underway, ...]
    owners: tuple[tuple[int, str], ...]
    baseline: Baseline
    learnt: tuple[Sighting, ...]
    """Hours that the baseline does not hold yet."""
    marks: Marks
    said: tuple[tuple[int, str], ...] = ()
    """Number of a session and the id under which people heard of its incident before it settled."""

    @classmethod
    def nothing(cls, learnt: Baseline) -> "Kept":
        """Give what there is before the first signal."""
        return cls(
            waiting=SIGNAL_SCHEMA.empty_table(),
            sessions=Sessions.none(),
            folds=(),
            met=(),
            day_of=(),
            steady=(),
            familiar=Familiar(learnt.sightings()).known(),
            underway=(),
            owners=(),
            baseline=learnt,
            learnt=(),
            marks=Marks(),
        )

    def to_bytes(self) -> bytes:
        """Write it as MessagePack."""
        return msgspec.msgpack.encode(self, enc_hook=_written)

    @classmethod
    def from_bytes(cls, content: bytes) -> "Kept":
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: the content is not what a correlator of this version kept.
        """
        try:
            return msgspec.msgpack.decode(content, type=cls, dec_hook=_read)
        except (msgspec.DecodeError, pa.ArrowInvalid) as e:
            raise ValueError(f"this is not what a correlator of this version kept: {e}") from e


def _written(value: Any) -> Any:
    """Write what MessagePack has no form for."""
    match value:
        case Note():
            return value.code, value.arguments
        case pa.Table():
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, value.schema) as writer:
                writer.write_table(value)
            return sink.getvalue().to_pybytes()
        case _:
            raise NotImplementedError(f"{type(value).__name__!r} cannot be kept")


def _read(kind: type, value: Any) -> Any:
    """Read what `_written` wrote."""
    if kind is Note:
        code, arguments = value
        return Note(code=code, arguments=arguments)
    return pa.ipc.open_stream(value).read_all()

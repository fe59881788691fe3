"""What a format's reader gives: entries as their source writes them, and what it refuses. Owns these shapes; their meaning is `canon`'s."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import IO, NamedTuple

from watchkeeper.model.indicator import Tlp

ANY = ""
"""Kind of a value that does not say what it is."""
MOST_BYTES = 2 << 30
"""A file that must be read whole may not be larger."""
NO_DATE = "a time that is no time"


class Entry(NamedTuple):
    """One value of a source, as it is written there."""

    kind: str
    """Kind of indicator, or `ANY`."""
    text: str
    external_id: str = ""
    confidence: int | None = None
    """None if the source does not say."""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked: bool = False
    tlp: Tlp = ""
    labels: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()


class Refused(NamedTuple):
    """Something that cannot be an indicator here."""

    reason: str
    """One of few, so that they can be counted."""
    text: str
    """What it was, to be shown."""


Entries = Iterator[Entry | Refused]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person says of a file."""

    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    """Name of the column in a CSV, by what it holds: value, type, confidence, labels, valid_from, valid_until, id, tlp, techniques."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how to recognise it and how to read it."""

    name: str
    sniff: Callable[[bytes], bool]
    """Says whether a file that begins so is of the format."""
    entries: Callable[[IO[bytes], Ask], Entries]
    """Reads a file; raises ValueError if it is damaged as a whole."""


def whole(stream: IO[bytes]) -> bytes:
    """Read a file that is only understood whole.

    Raises:
        ValueError: it is too large.
    """
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES >> 30} GiB; split it")
    return content


def aware(time: datetime | None) -> datetime | None:
    """Give a time in UTC; one without a zone is UTC."""
    if time is None:
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def moment(text: str) -> datetime | None:
    """Read a time as feeds write it: ISO 8601, `2026-01-31 12:00:00 UTC`, or seconds since 1970; none if it is none of these."""
    written = text.strip().removesuffix("UTC").strip()
    try:
        if written.replace(".", "", 1).isdigit() and len(written) >= 9:
            return datetime.fromtimestamp(float(written), UTC)
        return aware(datetime.fromisoformat(written))
    except (ValueError, OverflowError, OSError):
        return None

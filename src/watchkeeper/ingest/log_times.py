"""Times as logs write them: by a format, or as syslog headers do. Owns reading the text; the year that is missing stands in `years`.

Without an offset a time is taken as UTC.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, partial

from watchkeeper.ingest.timestamps import from_epoch, from_iso
from watchkeeper.ingest.years import ANY_YEAR, Moment

_MONTHS = {name: at for at, name in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}
_PER_SECOND = ((17, 1_000_000_000), (15, 1_000_000), (12, 1_000), (0, 1))
"""A number of seconds since 1970 has so few digits for centuries; more are milli-, micro- or nanoseconds."""
_MOST_CHARS = 64


def reads(written: str) -> Callable[[str], Moment | None]:
    """Give the function that reads a text in this format: `iso`, `epoch` or a `strptime` format.

    `epoch` is seconds since 1970, or milli-, micro- or nanoseconds by the number of digits.

    Raises:
        ValueError: the format names no time of day or no day.
    """
    if written == "iso":
        return lru_cache(maxsize=4_096)(_iso)
    if written == "epoch":
        return _epoch
    if not all(any(code in written for code in codes) for codes in (("%d", "%j", "%x", "%c"), ("%H", "%I", "%X", "%c"))):
        raise ValueError(f"{written!r} is no format of a time: use iso, epoch or a strptime format with day and hour")
    return lru_cache(maxsize=4_096)(partial(_by_format, written, has_year=any(code in written for code in ("%Y", "%y", "%c", "%x"))))


@lru_cache(maxsize=4_096)
def traditional(month: str, day: str, clock: str, year: str) -> Moment | None:
    """Read `Mar`, ` 2`, `09:00:00.123` and a year, or an empty text for none."""
    try:
        hour, minute, second = clock.split(":")
        whole, _, fraction = second.partition(".")
        micro = int(fraction[:6].ljust(6, "0")) if fraction else 0
        moment = datetime(int(year or ANY_YEAR), _MONTHS[month.lower()], int(day), int(hour), int(minute), int(whole), micro, UTC)
    except (ValueError, KeyError):
        return None
    return moment, bool(year)


@lru_cache(maxsize=4_096)
def iso(text: str) -> datetime | None:
    """Read ISO 8601, also with a comma before the fraction."""
    return from_iso(text.replace(",", "."))


def _iso(text: str) -> Moment | None:
    moment = iso(text) if len(text) <= _MOST_CHARS else None
    return None if moment is None else (moment, True)


def _epoch(text: str) -> Moment | None:
    if len(text) > _MOST_CHARS:
        return None
    digits = len(text.partition(".")[0])
    moment = from_epoch(text, per_second=next(per for least, per in _PER_SECOND if digits >= least))
    return None if moment is None else (moment, True)


def _by_format(written: str, text: str, *, has_year: bool) -> Moment | None:
    if len(text) > _MOST_CHARS:
        return None
    try:
        # a year stands in front where there is none, so that 29 February is a day
        found = datetime.strptime(text, written) if has_year else datetime.strptime(f"{ANY_YEAR} {text}", f"%Y {written}")  # noqa: DTZ007 -- made aware below
        moment = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment, has_year

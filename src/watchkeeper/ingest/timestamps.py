"""Times as logs write them. Owns turning text into aware UTC; which field holds the time is each reader's."""

from datetime import UTC, datetime


def from_epoch(text: str, *, per_second: int = 1) -> datetime | None:
    """Read seconds since 1970 (or milli-, micro-, nanoseconds, by `per_second`); none if the text is no such number."""
    try:
        return datetime.fromtimestamp(float(text) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def from_iso(text: str) -> datetime | None:
    """Read an ISO 8601 time; without an offset it is taken as UTC; none if the text is no such time.

    Digits beyond microseconds are cut off.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None

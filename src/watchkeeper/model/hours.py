"""Hours of a week in a time zone: when something holds and when it does not. Owns the arithmetic, with summer time."""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from watchkeeper.model.noun import Noun

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)


def _clock(value: object) -> object:
    """Read `22:00` also as the number of minutes that YAML makes of it without quotes."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 24 * 60:
        return f"{value // 60:02}:{value % 60:02}"
    return value


def _known(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"time zone {zone!r} is not known; write one such as Europe/Berlin or Asia/Shanghai") from error
    return zone


Clock = Annotated[str, BeforeValidator(_clock), Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class Hours(Noun):
    """The same hours of some days of the week, in local time."""

    days: Annotated[tuple[Day, ...], Field(min_length=1)] = DAYS
    """Days on which they begin."""
    starts: Clock = "00:00"
    """When they begin."""
    ends: Clock = "00:00"
    """When they end; on the next day if that is not later than when they begin."""
    zone: Annotated[str, AfterValidator(_known)] = "UTC"
    """Time zone, by its name in the IANA database."""

    def end_of(self, now: datetime) -> datetime | None:
        """Give when they end, if now is within them; hours that follow each other without a pause count as one, up to a week."""
        end, found = now, None
        while end - now < timedelta(days=7):
            further = self._end(end)
            if further is None:
                break
            end = found = further
        return found

    def covers(self, now: datetime) -> bool:
        """Say whether now is within them."""
        return self._end(now) is not None

    def _end(self, now: datetime) -> datetime | None:
        local = now.astimezone(ZoneInfo(self.zone))
        for back in (0, 1):
            date = (local - timedelta(days=back)).date()
            begin = datetime.combine(date, time.fromisoformat(self.starts), local.tzinfo)
            days = 1 if self.ends <= self.starts else 0
            end = datetime.combine(date + timedelta(days=days), time.fromisoformat(self.ends), local.tzinfo)
            if DAYS[date.weekday()] in self.days and begin.timestamp() <= now.timestamp() < end.timestamp():
                return datetime.fromtimestamp(end.timestamp(), now.tzinfo)
        return None

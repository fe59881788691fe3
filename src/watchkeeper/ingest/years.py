"""The year of times that are written without one, as traditional syslog does. Owns the rule; reading the text stands in `log_times`.

The year is the one that brings a time nearest to the time before it in the same file, and the first nearest to the latest time with a year
in the file's first lines. Where none has a year, the first time is taken to be as late as it can be without lying more than a day ahead of
now, and every event that is so dated says `year_assumed`.
"""

from datetime import UTC, datetime, timedelta

from watchkeeper.model.batch import Value

ANY_YEAR = 2000
"""Year that stands in times whose year is unknown; a leap year, so that 29 February exists."""
Moment = tuple[datetime, bool]
"""A time in UTC, and whether it has a year; without one it is of `ANY_YEAR`."""
_AHEAD = timedelta(days=1)
_YEARS_BACK = 8
_HALF_A_YEAR = timedelta(days=180)
"""A time that lies no further from another has its year: the same day of any other year is further away."""


def today() -> datetime:
    """Give now, the only clock that reading looks at."""
    return datetime.now(UTC)


class Years:
    """What one file tells of its years, line after line."""

    def __init__(self, now: datetime, evidence: datetime | None = None) -> None:
        """Begin with a dated time of the file, or with none."""
        self.evidence = evidence
        """Latest time with a year so far; a time that lies ahead of now is none."""
        self._limit = now + _AHEAD
        self._last = evidence
        self._moment: datetime | None = None
        self._given: datetime | None = None

    def settle(self, moment: Moment, fields: dict[str, Value]) -> datetime:
        """Give the time of an event, and note in its fields if the year is no more than an assumption."""
        time, has_year = moment
        if has_year:
            if time <= self._limit and (self.evidence is None or self.evidence < time):
                self.evidence = self._last = time
            return time
        time = self._dated(time)
        if self.evidence is None:
            fields["year_assumed"] = str(time.year)
        return time

    def _dated(self, moment: datetime) -> datetime:
        last, limit = self._last, self._limit
        if last is not None:
            if moment is self._moment and last is self._given:  # lines of one second share their time
                return last
            same = _in(moment, last.year)
            if same is not None and same <= limit and abs(same - last) < _HALF_A_YEAR:
                self._moment, self._given, self._last = moment, same, same
                return same
        near = limit.year if last is None else last.year
        options = [dated for year in range(near + 1, near - _YEARS_BACK, -1) if (dated := _in(moment, year)) is not None and dated <= limit]
        found = options[0] if last is None else min(options, key=lambda option: abs(option - last))
        self._last = found
        return found


def _in(moment: datetime, year: int) -> datetime | None:
    try:
        return moment.replace(year=year)
    except ValueError:  # 29 February
        return None

"""Times and amounts as a reader sees them: UTC always, never a locale's guess. Owns the formats."""

from datetime import UTC, datetime, timedelta

from watchkeeper.model.language import Language
from watchkeeper.reporting.lexicon import lexicon


def moment(time: datetime | None) -> str:
    """Give date and time to the second, UTC (`2026-03-04 09:41:07`); a dash if the source gave none."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S") if time else "–"


def clock(time: datetime | None) -> str:
    """Give the time of day to the second, UTC; a dash if there is none."""
    return time.astimezone(UTC).strftime("%H:%M:%S") if time else "–"


def day(time: datetime | None) -> str:
    """Give the date, UTC; a dash if there is none."""
    return time.astimezone(UTC).strftime("%Y-%m-%d") if time else "–"


def lasting(length: timedelta, lang: Language) -> str:
    """Say a length of time in its two largest units, such as `2 h 14 min`; below a second it is `< 1 s`."""
    words = lexicon(lang)
    left = int(length.total_seconds())
    parts: list[str] = []
    for code, size in (("unit.day", 86_400), ("unit.hour", 3_600), ("unit.minute", 60), ("unit.second", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(words[code].replace("{count}", str(count)))
    return " ".join(parts[:2]) or words["unit.instant"]


def amount(number: int) -> str:
    """Give a whole number with its thousands apart: `41,233`."""
    return f"{number:,}"


def percent(share: float) -> str:
    """Give a share of 1 as whole percent; what is above 0 or below 1 never looks like 0 or 100."""
    whole = round(share * 100)
    if share > 0 and whole == 0:
        return "<1%"
    return ">99%" if share < 1 and whole == 100 else f"{whole}%"

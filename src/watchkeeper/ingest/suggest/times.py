"""How a column of times is written. Owns the formats that are tried; reading one stands in `log_times`."""

import re
from collections.abc import Sequence
from functools import cache

from watchkeeper.ingest.log_times import reads

ENOUGH = 0.95
"""A field is a time if so many of its values are."""
_MOST_TRIED = 200
_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_EPOCH = re.compile(r"(?:1\d{9}(?:\.\d{1,9})?|1\d{12}(?:\.\d{1,6})?|1\d{15}|1\d{18})\Z")
_FORMATS = (
    "%d/%b/%Y:%H:%M:%S %z",
    "%d/%b/%Y:%H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S.%f",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y, %I:%M:%S %p",
    "%d.%m.%Y %H:%M:%S",
    "%d-%m-%Y %H:%M:%S",
    "%y/%m/%d %H:%M:%S",
    "%Y-%m-%d-%H:%M:%S",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S.%f %z",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d-%H:%M:%S",
    "%Y.%m.%d %H:%M:%S",
    "%Y-%b-%d %H:%M:%S",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S.%f",
    "%d %b %Y %H:%M:%S",
    "%d %b %Y %H:%M:%S.%f",
    "%b %d %Y %H:%M:%S",
    "%b %d, %Y %H:%M:%S",
    "%b %d, %Y %I:%M:%S %p",
    "%b %d %H:%M:%S",
    "%d %b %H:%M:%S",
    "%d %b %H:%M:%S.%f",
    "%a %b %d %H:%M:%S %Y",
    "%a %b %d %H:%M:%S.%f %Y",
    "%a, %d %b %Y %H:%M:%S %z",
)


def time_format(values: Sequence[str]) -> str:
    """Give the format in which nearly all values are times, as a grammar writes it; empty if they are none."""
    tried = values[:_MOST_TRIED]
    if not tried:
        return ""
    for name, looks in (("iso", _ISO), ("epoch", _EPOCH)):
        if _share([looks.match(value) is not None and _read(name, value) for value in tried]):
            return name
    return next((written for written in _FORMATS if _share([_read(written, value) for value in tried])), "")


def _share(found: Sequence[bool]) -> bool:
    return sum(found) >= ENOUGH * len(found)


def _read(written: str, value: str) -> bool:
    return _reader(written)(value) is not None


_reader = cache(reads)

"""Segments: the files of one partition. Owns their names, order and removal; writing and reading them stand beside.

A segment is called like the number of the first frame it can hold, so that the names alone say what lies where, and what was removed.
"""

import time
from itertools import pairwise, zip_longest
from pathlib import Path

ENDING = ".wkj"
_DIGITS = 20


def segments(folder: Path) -> list[Path]:
    """Give the segments of a partition, the oldest first."""
    return sorted(folder.glob(f"{'[0-9]' * _DIGITS}{ENDING}"))


def segment(folder: Path, first: int) -> Path:
    """Give the place of the segment that begins with a sequence number."""
    return folder / f"{first:0{_DIGITS}d}{ENDING}"


def first_of(path: Path) -> int:
    """Give the sequence number that a segment begins with."""
    return int(path.stem)


def trim(folder: Path, upto: int, keep_seconds: float = 0) -> int:
    """Remove the segments that hold nothing after a sequence number and were last written so long ago; give how many bytes that freed.

    The last segment stays: its name says which number comes next.
    """
    freed = 0
    found = segments(folder)
    for path, following in pairwise(found):
        about = path.stat()
        if first_of(following) > upto + 1 or about.st_mtime > time.time() - keep_seconds:
            break
        path.unlink()
        freed += about.st_size
    return freed


def backlog(folder: Path, after: int) -> int:
    """Give how many bytes the segments take that hold something after a sequence number: what waits, and what lies in a file with it."""
    found = segments(folder)
    ends = zip_longest(found, (first_of(following) - 1 for following in found[1:]))
    return sum(_size(path) for path, last in ends if last is None or last > after)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # it was removed meanwhile
        return 0

"""What the C library does with memory that is free again. Owns asking it to keep that, for a process that takes in large bodies.

Otherwise each body's memory goes back to the system and comes again page by page, which costs as much as all else about it.
Source: glibc, `mallopt(3)`.
"""

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_LARGEST_KEPT_BYTES = 32 * 1024 * 1024
_KEPT_BYTES = 256 * 1024 * 1024


def keep_freed_memory() -> bool:
    """Let this process keep up to 256 MiB that it no longer needs, for what it needs next; say whether the C library can."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(_MMAP_THRESHOLD, _LARGEST_KEPT_BYTES)) and bool(mallopt(_TRIM_THRESHOLD, _KEPT_BYTES))

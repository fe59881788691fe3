"""What a worker is trying: the entry that it has in hand, noted so that the next worker knows on which one this one died.

An entry on which several workers in a row died is one of which no exception can be caught: it is put aside, and what is behind it goes on.
"""

import os
from pathlib import Path
from struct import Struct

MOST_DEATHS = 3
"""Workers that one entry may cost."""
_NOTE = Struct("<qQ")


class Trying:
    """The note of one partition."""

    def __init__(self, path: Path) -> None:
        """Read what the worker before had in hand.

        Raises:
            OSError: the note cannot be read or written.
        """
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        noted = os.pread(self._descriptor, _NOTE.size, 0)
        self._last, deaths = _NOTE.unpack(noted) if len(noted) == _NOTE.size else (-1, 0)
        self._deaths = deaths + 1

    def close(self) -> None:
        """Note that nothing is in hand."""
        os.pwrite(self._descriptor, _NOTE.pack(-1, 0), 0)
        os.close(self._descriptor)

    def may(self, sequence: int) -> bool:
        """Note an entry that is taken in hand; false if it cost too many workers before and has to be put aside."""
        deaths = self._deaths if sequence == self._last else 0
        if deaths >= MOST_DEATHS:
            return False
        os.pwrite(self._descriptor, _NOTE.pack(sequence, deaths), 0)
        return True

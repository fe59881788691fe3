"""Event ids and host names as everything later compares them. Owns their form."""

import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import repeat
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from watchkeeper.model.ids import begun, ids

pc: Any = pyarrow.compute  # its shipped types know no arrays of text in these places
_DIGITS = 32
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
_SHIFTS = np.arange(28, -1, -4)


class EventIds:
    """The ids of one source's events, which depend on its name, the row and the raw text alone.

    The logical source is the file's name without archive and compression, so that the same record has the same id however it was packed.
    """

    def __init__(self, logical_source: str) -> None:
        """Take the source."""
        self._begun = begun(logical_source.encode(errors="surrogatepass") + b"\0")

    def of(self, row: int, raw: str) -> str:
        """Give the id of one event."""
        digest = self._begun.copy()
        digest.update(b"%d\0%b" % (row, raw.encode(errors="surrogatepass")))
        return digest.hexdigest()

    def of_all(self, rows: Any, raw: Any) -> Any:
        """Give the ids of many: Arrow arrays of integers and of text, to one of text."""
        ends = pc.binary_join_element_wise(rows.cast(pa.string()), raw, "\0").cast(pa.binary())
        return ids(repeat(self._begun, len(ends)), ends.to_pylist())


class ArrivedIds:
    """The ids of events that came together: from who sent them, where they stand in the journal, and their place; or from the sender's own.

    Only under an own id is what comes again the same event.
    """

    def __init__(self, sender: str, sequence: int, own: Sequence[str] = ()) -> None:
        """Take the sender's id (hex digits), the journal's sequence number, and the sender's own id of each record, empty for none."""
        self._sender = sender[:8]
        self._start = f"{self._sender}{sequence:016x}"
        self._own = own

    def of(self, place: int, nth: int = 0) -> str:
        """Give the id of an event of the record at a place; `nth` counts the events of one record."""
        own = self._own[place] if place < len(self._own) else ""
        found = f"{self._sender}{_own_digits(own)}" if own else f"{self._start}{place:08x}"
        return f"{self._sender}{_own_digits(f'{found}/{nth}')}" if nth else found

    def of_all(self, places: NDArray[np.int64]) -> Any:
        """Give the ids of one event of each record, as an Arrow array of text."""
        if any(self._own):
            return pa.array([self.of(place) for place in places.tolist()], pa.string())
        digits = np.empty((len(places), _DIGITS), np.uint8)
        digits[:, :-8] = np.frombuffer(self._start.encode(), np.uint8)
        digits[:, -8:] = _HEX[places[:, None] >> _SHIFTS & 15]
        offsets = np.arange(0, digits.size + 1, _DIGITS, dtype=np.int32)
        return pa.StringArray.from_buffers(len(places), pa.py_buffer(cast("Any", offsets)), pa.py_buffer(cast("Any", digits)))


def _own_digits(text: str) -> str:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=12).hexdigest()


@lru_cache(maxsize=65_536)
def host_name(written: str) -> str:
    """Normalise a host as a record names it: lower case, without domain, an address whole."""
    name = written.strip().lower().strip("\\").rstrip(".")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.partition(".")[0]

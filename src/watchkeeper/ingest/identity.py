"""Event ids and host names as everything later compares them. Owns their form."""

import ipaddress
from functools import lru_cache
from itertools import repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute

from watchkeeper.model.ids import begun, ids

pc: Any = pyarrow.compute  # its shipped types know no arrays of text in these places


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


@lru_cache(maxsize=65_536)
def host_name(written: str) -> str:
    """Normalise a host as a record names it: lower case, without domain, an address whole."""
    name = written.strip().lower().strip("\\").rstrip(".")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.partition(".")[0]

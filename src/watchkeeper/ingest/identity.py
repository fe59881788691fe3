"""Event ids and host names as everything later compares them. Owns their form."""

import hashlib
import ipaddress
from collections.abc import Callable
from functools import lru_cache

EventId = Callable[[int, str], str]
"""From row and raw text to event id."""
_ID_BYTES = 16


def event_ids(logical_source: str) -> EventId:
    """Give the function from row and raw text to event id (32 hex digits) for one source.

    The logical source is the file's name without archive and compression, so that the same record has the same id however it was packed.
    """
    begun = hashlib.blake2b(logical_source.encode(errors="surrogatepass") + b"\0", digest_size=_ID_BYTES)

    def event_id(row: int, raw: str) -> str:
        digest = begun.copy()
        digest.update(b"%d\0%b" % (row, raw.encode(errors="surrogatepass")))
        return digest.hexdigest()

    return event_id


@lru_cache(maxsize=65_536)
def host_name(written: str) -> str:
    """Normalise a host as a record names it: lower case, without domain, an address whole."""
    name = written.strip().lower().strip("\\").rstrip(".")
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.partition(".")[0]

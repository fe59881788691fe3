"""Log sources named by the records themselves. Owns making them clean, short and shared; which member names one is each reader's."""

from functools import lru_cache

from watchkeeper.model.logsource import LogSource

_MAX_CHARS = 128


@lru_cache(maxsize=4_096)
def log_source(product: str, service: str = "", event_type: str = "") -> LogSource:
    """Give the log source of these names, the same object for the same names; a name is cut at 128 characters and made valid text."""
    return LogSource(product=product, service=_clean(service), event_type=_clean(event_type))


def _clean(name: str) -> str:
    return name[:_MAX_CHARS].encode(errors="replace").decode()

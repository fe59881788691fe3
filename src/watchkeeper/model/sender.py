"""Sender: something that hands telemetry over. Owns what is known of it; its token is kept as a digest by the store."""

from watchkeeper.model.noun import Noun


class Sender(Noun):
    """One shipper, product or network that sends telemetry under a name of its own: the source that a console lists."""

    id: str
    """32 hex digits; events carry it, so it never changes."""
    tenant: str
    """Tenant that its events belong to."""
    name: str
    """Name that people gave it, such as `edge-winlogbeat`; events show it as their source."""
    reader: str = ""
    """Name of the reader or alert mapping for what it sends; empty: recognised by content."""
    peers: tuple[str, ...] = ()
    """Networks (CIDR) that may send as it without a token, for syslog, which has none."""
    silent_after_seconds: int = 3_600
    """It counts as silent when nothing came for so long; 0: never."""
    on: bool = True
    """Whether it is let in."""

"""Everything that a shipper talks to. Owns cutting what it sends into records; keeping them, and knowing who sends, are functions given."""

from watchkeeper.ingest.listeners.counts import Count, Counts
from watchkeeper.ingest.listeners.doors import doors
from watchkeeper.ingest.listeners.exchange import Desk, Limits
from watchkeeper.ingest.listeners.memory import keep_freed_memory
from watchkeeper.ingest.listeners.syslog_intake import Intake, SyslogLimits
from watchkeeper.ingest.listeners.syslog_peers import by_networks
from watchkeeper.ingest.listeners.syslog_tcp import Connections, listen_tcp
from watchkeeper.ingest.listeners.syslog_udp import Datagrams, listen_udp

__all__ = [
    "Connections",
    "Count",
    "Counts",
    "Datagrams",
    "Desk",
    "Intake",
    "Limits",
    "SyslogLimits",
    "by_networks",
    "doors",
    "keep_freed_memory",
    "listen_tcp",
    "listen_udp",
]

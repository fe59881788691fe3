"""Zeek and Suricata: what the network saw between two addresses. Owns these edges; a flow never names a process."""

from watchkeeper.tracing.fact import text
from watchkeeper.tracing.families.pattern import Pattern, Patterns, outside, place

_FROM = place("id.orig_h")

PATTERNS: Patterns = {
    "zeek conn": (Pattern("reached", ("flow.seen",), _FROM, place("id.resp_h")),),
    "zeek http": (Pattern("reached", ("web.asked",), _FROM, place("id.resp_h")),),
    "zeek ssl": (Pattern("reached", ("tls.named",), _FROM, place("id.resp_h")),),
    "suricata alert": (Pattern("reached", ("intrusion.alerted",), place("src_ip"), place("dest_ip")),),
    "zeek dns": (Pattern("asked", ("name.resolved",), _FROM, outside("domain", "query"), when=lambda event: "." in text(event, "query")),),
}

"""Network as the host saw it: which process connected where, accepted from where, asked for which name. Owns these edges, not Zeek's."""

from watchkeeper.model.event import Event
from watchkeeper.tracing.addresses import INBOUND
from watchkeeper.tracing.fact import text
from watchkeeper.tracing.families.pattern import Pattern, Patterns, outside, place, process
from watchkeeper.tracing.processes import ACTOR, FILTERED


def _sent(event: Event) -> bool:
    return text(event, "Initiated").lower() != "false" and text(event, "Direction") not in INBOUND


def _received(event: Event) -> bool:
    return not _sent(event)


PATTERNS: Patterns = {
    "sysmon 3": (
        Pattern("connected", ("network.connected",), process(ACTOR), place("DestinationIp"), when=_sent),
        Pattern("accepted", ("network.accepted",), place("SourceIp"), process(ACTOR), about_target=True, when=_received),
    ),
    "security 5156": (
        Pattern("connected", ("network.connected",), process(FILTERED), place("DestAddress"), when=_sent),
        Pattern("accepted", ("network.accepted",), place("SourceAddress"), process(FILTERED), about_target=True, when=_received),
    ),
    "sysmon 22": (Pattern("asked", ("name.asked",), process(ACTOR), outside("domain", "QueryName")),),
}

"""Cut a host off the network, all but the way for responders. Owns the suggestion."""

from collections.abc import Iterator

from watchkeeper.model.action import Action
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Trace
from watchkeeper.response.suggestion import AssetOf, Suggestion, needs

EXPIRY_SECONDS = 4 * 3600
"""Isolation that nobody renews ends by itself, so that a wrong one does not last the night."""
_SHARED = frozenset({"domain-controller", "dns", "mail", "file-server", "database", "web-server", "jump-host"})


def _suggest(incident: Incident, trace: Trace, asset_of: AssetOf) -> Iterator[Action]:
    if not incident.verdict or incident.verdict.outcome != "succeeded":
        return
    for host in incident.hosts:
        ran = {node.id for node in trace.nodes if node.host == host and node.alerted and node.kind == "process"}
        evidence = tuple(dict.fromkeys(event for edge in trace.edges if edge.source in ran for event in edge.evidence))[:5]
        if not evidence:
            continue
        asset = asset_of(host)
        shared = asset.role in _SHARED
        yield Action(
            name=isolate_host.name,
            target=Entity(kind="host", value=host),
            why=(Note(code="action.isolate_host.why", arguments={"host": host}),),
            evidence=evidence,
            do=Note(code="action.isolate_host.do", arguments={"host": host}),
            undo=Note(code="action.isolate_host.undo", arguments={"host": host}),
            check=Note(code="action.isolate_host.check", arguments={"host": host}),
            blast_radius=None if shared else 1,
            blast_note=Note(code="action.isolate_host.blast-shared" if shared else "action.isolate_host.blast", arguments={"host": host}),
            expiry_seconds=EXPIRY_SECONDS,
            needs=needs(asset),
            priority=3,
        )


isolate_host = Suggestion("isolate_host", _suggest)

"""Warn: say early what is known, what is not, and who should hear it. Owns the notice; `telling` makes messages of it."""

from watchkeeper.autopilot.world import World
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.notice import Notice


def warn(incident: Incident, world: World) -> Notice:
    """Make the notice of an incident from its signals alone, before anything is traced."""
    owners = dict.fromkeys(owner for owner in (world.asset_of(host).owner for host in incident.hosts) if owner)
    known = (*known_at_once(incident), *world.again(incident))
    unknown = UNKNOWN_AT_ONCE if owners else (*UNKNOWN_AT_ONCE, Note(code="warn.unknown.owner"))
    return Notice(level=incident.level, recipients=tuple(owners), known=known, unknown=unknown, time=incident.start)


UNKNOWN_AT_ONCE = (Note(code="warn.unknown.outcome"), Note(code="warn.unknown.entry"))
"""What nobody knows of an incident that was only just found."""


def known_at_once(incident: Incident) -> tuple[Note, ...]:
    """Say what is known of an incident that was only just found: signals, hosts, tactics."""
    known = [
        Note(code="warn.known.signals", arguments={"count": str(sum(fold.count for fold in incident.folds)), "title": incident.title}),
        Note(code="warn.known.hosts", arguments={"hosts": ", ".join(incident.hosts[:5]) or "?"}),
    ]
    if incident.tactics:
        known.append(Note(code="warn.known.tactics", arguments={"tactics": ", ".join(incident.tactics)}))
    return tuple(known)

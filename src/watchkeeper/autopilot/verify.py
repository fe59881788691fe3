"""Verify: whether what was done worked and the attack stopped. No action is executed yet, so it speaks of the record alone."""

from collections.abc import Iterator
from datetime import timedelta

from watchkeeper.autopilot.world import World
from watchkeeper.evidence import refusal
from watchkeeper.model.action import Verification
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.query import Query

_QUIET = timedelta(minutes=30)
"""A record that goes on so long after the last activity shows that it stopped; a shorter one says nothing."""


def verify(incident: Incident, world: World) -> Verification:
    """Check the story once more against the record, and say whether activity went on."""
    claims = incident.trace.story if incident.trace else ()
    cited = tuple(dict.fromkeys(item.event_id for claim in claims for item in claim.evidence))
    events = {event.id: event for event in world.search(Query(ids=cited, limit=len(cited)))} if cited else {}
    refused = sum(refusal(claim, events) is not None for claim in claims)
    dropped = incident.trace.dropped_claims if incident.trace else 0
    return Verification(
        executed=0,
        effective=0,
        last_activity=incident.end,
        record_end=world.record_end,
        claims_checked=len(claims) + dropped,
        claims_refused=refused + dropped,
        why=tuple(_notes(incident, world)),
    )


def _notes(incident: Incident, world: World) -> Iterator[Note]:
    yield Note(code="verify.nothing-executed")
    if incident.end is None or world.record_end is None:
        yield Note(code="verify.no-times")
        return
    quiet = world.record_end - incident.end
    minutes = {"minutes": str(int(quiet.total_seconds() // 60))}
    yield Note(code="verify.quiet" if quiet >= _QUIET else "verify.record-ends", arguments=minutes)

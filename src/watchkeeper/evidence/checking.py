"""Checking: whether the cited events show what a claim says. Owns the verdict on one claim; dropping and counting is the caller's."""

import re
from collections.abc import Mapping, Sequence

from watchkeeper.evidence.predicates import COUNTED, MANY, TABLE
from watchkeeper.evidence.roles import shape, values
from watchkeeper.model.claim import Claim
from watchkeeper.model.event import Event
from watchkeeper.model.note import Note

SHORTEST_CUT = 60
"""A long text may be cited by its beginning, if at least so many characters of it are cited."""
_CONTAINERS = frozenset({"folder", "root"})
_LONG = frozenset({"command", "script", "value", "mark"})
_COUNT, _HOST = "count", "host"
_OF_CLAIM = frozenset({_COUNT, _HOST})
"""Roles of the claim as a whole; no field shows them."""


def refusal(claim: Claim, events: Mapping[str, Event]) -> Note | None:
    """Say why a claim is not shown by its cited events; none if it is.

    Every cited event must resolve, be of a kind that can show the predicate, and hold every argument in the argument's own role; the
    claim's time and host are the first cited event's; a count is counted again.
    """
    if claim.predicate.removesuffix(MANY) not in TABLE:
        return Note(code="refusal.predicate", arguments={"predicate": claim.predicate})
    if not claim.evidence:
        return Note(code="refusal.nothing-cited", arguments={"predicate": claim.predicate})
    cited = [events[item.event_id] for item in claim.evidence if item.event_id in events]
    if len(cited) < len(claim.evidence):
        lost = next(item.event_id for item in claim.evidence if item.event_id not in events)
        return Note(code="refusal.unresolved", arguments={"event": lost})
    return _displaced(claim, cited) or _mismatch(claim, cited) or _miscount(claim, cited)


def _displaced(claim: Claim, cited: Sequence[Event]) -> Note | None:
    first = cited[0]
    if claim.time != first.time or any(item.time != event.time for item, event in zip(claim.evidence, cited, strict=True)):
        return Note(code="refusal.time", arguments={"event": first.id})
    if claim.host != first.host or claim.arguments.get(_HOST, first.host) != first.host:
        return Note(code="refusal.host", arguments={"host": claim.host, "event": first.id})
    return None


def _mismatch(claim: Claim, cited: Sequence[Event]) -> Note | None:
    """Find the first argument that a cited event does not hold in its role."""
    for event in cited:
        fields = shape(claim.predicate, event)
        if fields is None:
            return Note(code="refusal.kind", arguments={"predicate": claim.predicate, "event": event.id})
        if set(fields) != set(claim.arguments) - _OF_CLAIM:
            return Note(code="refusal.roles", arguments={"predicate": claim.predicate, "roles": ", ".join(fields)})
        for role, value in claim.arguments.items():
            if role not in _OF_CLAIM and not any(_shows(role, value, text) for text in values(event, fields[role])):
                return Note(code="refusal.argument", arguments={"role": role, "value": value, "event": event.id})
    return None


def _shows(role: str, value: str, text: str) -> bool:
    """Say whether a field's text shows the value: all of it, a path's last part, a long text's beginning, or the folder it lies in."""
    if value == text:
        return True
    if role in _CONTAINERS:
        return bool(value) and text.startswith(value) and (value[-1] in "\\/" or text[len(value)] in "\\/")
    if role in _LONG and len(value) >= SHORTEST_CUT:
        return text.startswith(value)
    return value != "" and role not in _LONG and value == re.split(r"[\\/]", text)[-1]


def _miscount(claim: Claim, cited: Sequence[Event]) -> Note | None:
    said = claim.arguments.get(_COUNT, "")
    if not said and claim.predicate not in COUNTED and not claim.predicate.endswith(MANY):
        return None
    counted = str(counted_in(claim.predicate, cited))
    return None if said == counted else Note(code="refusal.count", arguments={"said": said, "counted": counted})


def counted_in(predicate: str, cited: Sequence[Event]) -> int:
    """Count what a grouped claim counts: distinct values of the predicate's counted role, or the distinct events cited."""
    role = COUNTED.get(predicate)
    if role is None:
        return len({event.id for event in cited})
    return len({text for event in cited for text in values(event, (shape(predicate, event) or {}).get(role, ""))})

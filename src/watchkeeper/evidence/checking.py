"""Checking: whether the cited events show what a claim says. Owns the verdict on one claim; dropping and counting is the caller's."""

from collections.abc import Iterator, Mapping, Sequence

from watchkeeper.evidence.naming import ending, folder, spoken
from watchkeeper.evidence.predicates import COUNTED, MANY, SPREAD, TABLE
from watchkeeper.evidence.roles import against, shape, values
from watchkeeper.model.claim import Claim
from watchkeeper.model.event import Event
from watchkeeper.model.note import Note

AT_LEAST = "+"
"""Mark after a count that says there may be more than are cited."""
_CONTAINERS = frozenset({"folder", "root"})
_COUNT, _FOLDERS, _HOST, _ENDING = "count", "folders", "host", "ending"


def refusal(claim: Claim, events: Mapping[str, Event]) -> Note | None:
    """Say why a claim is not shown by its cited events; none if it is.

    Every cited event must resolve, be of a kind that can show the predicate, not show its opposite, and hold every argument in the
    argument's own role, as the event writes it or as `naming.spoken` says it; the claim's time is the earliest cited event's, its host is
    every cited event's; counts are counted again. Letters are compared as they are: no case, no look-alikes, no other base of a number.
    """
    if not _is_known(claim.predicate):
        return Note(code="refusal.predicate", arguments={"predicate": claim.predicate})
    if not claim.evidence:
        return Note(code="refusal.nothing-cited", arguments={"predicate": claim.predicate})
    cited = [events[item.event_id] for item in claim.evidence if item.event_id in events]
    if len(cited) < len(claim.evidence):
        lost = next(item.event_id for item in claim.evidence if item.event_id not in events)
        return Note(code="refusal.unresolved", arguments={"event": lost})
    return _displaced(claim, cited) or _mismatch(claim, cited) or _miscount(claim, cited)


def _is_known(predicate: str) -> bool:
    """Say whether the table has it; what counts things by itself cannot be said of several events."""
    return predicate in TABLE or (predicate.endswith(MANY) and predicate.removesuffix(MANY) in TABLE.keys() - COUNTED.keys())


def _displaced(claim: Claim, cited: Sequence[Event]) -> Note | None:
    for item, event in zip(claim.evidence, cited, strict=True):
        if item.time != event.time:
            return Note(code="refusal.time", arguments={"event": event.id})
        if claim.host != event.host or claim.arguments.get(_HOST, event.host) != event.host:
            return Note(code="refusal.host", arguments={"host": claim.arguments.get(_HOST, claim.host), "event": event.id})
    earliest = min((event.time for event in cited if event.time), default=None)
    return None if claim.time == earliest else Note(code="refusal.time", arguments={"event": cited[0].id})


def _mismatch(claim: Claim, cited: Sequence[Event]) -> Note | None:
    """Find the first argument that a cited event does not hold in its role."""
    for event in cited:
        fields = shape(claim.predicate, event)
        if fields is None:
            return Note(code="refusal.kind", arguments={"predicate": claim.predicate, "event": event.id})
        opposite = against(claim.predicate, event)
        if opposite is not None:
            return Note(code="refusal.opposite", arguments={"predicate": claim.predicate, "event": event.id, "field": opposite.field})
        said = claim.arguments.keys() - {_HOST}
        if said != fields.keys() | _counts(claim.predicate):
            roles = ", ".join((*fields, *sorted(_counts(claim.predicate))))
            return Note(code="refusal.roles", arguments={"predicate": claim.predicate, "roles": roles})
        for role, field in fields.items():
            value = claim.arguments[role]
            if not any(_shows(role, value, text) for text in values(event, field)):
                return Note(code="refusal.argument", arguments={"role": role, "value": value, "event": event.id})
    return None


def _counts(predicate: str) -> frozenset[str]:
    """Give the roles of a predicate that no field shows and that are counted."""
    if predicate in SPREAD:
        return frozenset({_COUNT, _FOLDERS})
    return frozenset({_COUNT}) if predicate in COUNTED or predicate.endswith(MANY) else frozenset()


def _shows(role: str, value: str, text: str) -> bool:
    """Say whether a field's text shows the value: itself, as it is spoken in that role, or as the folder or ending it has."""
    if role in _CONTAINERS:
        return len(value) > 1 and text.startswith(value) and (value[-1] in "\\/" or text[len(value) :][:1] in {"\\", "/"})
    if role == _ENDING:
        return value != "" and value == ending(text)
    return value in {text, spoken(role, text)}


def _miscount(claim: Claim, cited: Sequence[Event]) -> Note | None:
    for role, counted in counts_in(claim, cited).items():
        if claim.arguments.get(role, "").removesuffix(AT_LEAST) != str(counted):
            return Note(code="refusal.count", arguments={"said": claim.arguments.get(role, ""), "counted": str(counted)})
    return None


def counts_in(claim: Claim, cited: Sequence[Event]) -> Mapping[str, int]:
    """Count what a grouped claim counts: distinct things in the counted role (and their folders), or the distinct events cited."""
    wanted = _counts(claim.predicate)
    if not wanted:
        return {}
    if claim.predicate not in COUNTED:
        return {_COUNT: len({event.id for event in cited})}
    things = set(_counted(claim, cited))
    return {_COUNT: len(things)} | ({_FOLDERS: len({folder(thing) for thing in things})} if _FOLDERS in wanted else {})


def _counted(claim: Claim, cited: Sequence[Event]) -> Iterator[str]:
    role = COUNTED[claim.predicate]
    for event in cited:
        field = (shape(claim.predicate, event) or {}).get(role, "")
        yield from (text for text in values(event, field) if _shows(role, claim.arguments[role], text))

"""A turn: from what there is now to what is saved of it. Owns which incidents changed, went on in another, or no longer stand out."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.autopilot.closing import settle
from watchkeeper.autopilot.investigation import MOST_TRACED
from watchkeeper.autopilot.live.desk import Desk, Now, Told
from watchkeeper.autopilot.live.flowing import with_results
from watchkeeper.autopilot.live.learning import Learnt
from watchkeeper.autopilot.redetection import late_count
from watchkeeper.autopilot.world import World
from watchkeeper.correlation import Correlated, absorb
from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.subject import Subject


@dataclass(frozen=True, slots=True)
class Turn:
    """What is to be saved and done."""

    changed: tuple[Incident, ...]
    """Incidents that are new or otherwise, with what the flow made of them."""
    told: Mapping[str, Told]
    """How each incident is told of then."""
    merged: Mapping[str, str]
    """Incidents that go on in another, with its id."""
    gone: tuple[str, ...]
    """Ids of incidents that will change no more: settled, merged, or standing out no longer."""
    to_follow: tuple[Incident, ...]
    """Those of the first ranks that hold something else than when they were followed last."""
    subjects: tuple[Subject, ...]
    """Incidents as triage saw them, to be learnt from."""
    held: Mapping[str, Incident]
    """Every incident by id, with what the flow made of it, before anything was closed."""
    signals: pa.Table
    """As in `PLACED_SCHEMA`."""

    def seen_from(self, world: World, incident: Incident, end: datetime | None) -> World:
        """Give the world as it is with an incident as it stands."""
        own = self.signals.filter(pc.equal(pc.field("incident"), pc.scalar(incident.id)))

        def signals_of(_: Incident) -> pa.Table:
            return own

        return replace(world, signals_of=signals_of, record_end=end)


def turned(desk: Desk, results: Mapping[str, Incident], learnt: Learnt, asset_of: Callable[[str], Asset]) -> Turn:
    """Look at a desk; `results` are what the flow made of its incidents, by id. Nothing of the desk changes but the ids that it gave."""
    now = desk.look()
    found = _with_traced(now.found, results)
    settled = settle(replace(found, sessions=()), asset_of, learnt.experience, learnt.drawing_key)
    incidents = settled.found.incidents
    told = {incident.id: Told(_shape(incident), _core(incident), incident.sessions) for incident in incidents}
    merged = dict(_merged(desk.told, told, now))
    receded = tuple(_receded(results[id_]) for id_ in _receding(desk.told, told, merged, now) if id_ in results)
    incidents = tuple(_saying_late(one, settled.found.signals) for one in incidents)
    changed = tuple(one for one in incidents if desk.told.get(one.id, _NOTHING).shape != told[one.id].shape)
    to_follow = tuple(one for one in incidents[:MOST_TRACED] if desk.told.get(one.id, _NOTHING).core != told[one.id].core)
    gone = tuple(id_ for id_ in desk.told if id_ not in told)
    subjects = tuple(one for one in settled.subjects if one.id in told)
    held = {incident.id: incident for incident in found.incidents}
    return Turn((*changed, *receded), told, merged, gone, to_follow, subjects, held, settled.found.signals)


_NOTHING = Told("", "", ())


def _saying_late(incident: Incident, signals: pa.Table) -> Incident:
    """Say of an incident how many of its signals were found late."""
    count = late_count(signals.filter(pc.equal(pc.field("incident"), pc.scalar(incident.id))))
    why = Note(code="incident.late", arguments={"signals": str(count)})
    return incident.model_copy(update={"why": (why, *incident.why)}) if count else incident


def not_closed(incident: Incident) -> Incident:
    """Give an incident as it was before it was put away because people's verdicts allowed it."""
    closed = incident.verdict is not None and any(note.code == "triage.closed" for note in incident.verdict.why)
    return incident.model_copy(update={"verdict": None, "shown": True}) if closed else incident


def _with_traced(found: Correlated, results: Mapping[str, Incident]) -> Correlated:
    """Give incidents with what was made of them, those whose trace showed that more belongs to them with that."""
    place = 0
    while place < len(found.incidents):
        result = results.get(found.incidents[place].id)
        if result and result.trace:
            found, at = absorb(found, place, result.trace.events)
            place = min(place, at)
        place += 1
    incidents = (with_results(one, results[one.id]) if one.id in results else one for one in found.incidents)
    return replace(found, incidents=tuple(incidents))


def _merged(before: Mapping[str, Told], told: Mapping[str, Told], now: Now) -> Iterator[tuple[str, str]]:
    """Yield the incidents that go on in another, by what was found or by where their sessions are now."""
    holder = {session: id_ for id_, one in told.items() for session in one.sessions}
    for id_, one in before.items():
        if id_ not in told:
            into = now.merged.get(id_) or next((holder[session] for session in one.sessions if session in holder), "")
            if into in told:
                yield id_, into


def _receding(before: Mapping[str, Told], told: Mapping[str, Told], merged: Mapping[str, str], now: Now) -> Iterator[str]:
    """Yield the incidents that no longer stand out although everything of them is still in sight."""
    for id_, one in before.items():
        if id_ not in told and id_ not in merged and not now.in_sight.isdisjoint(one.sessions):
            yield id_


def _receded(incident: Incident) -> Incident:
    return incident.model_copy(update={"shown": False, "why": (Note(code="incident.receded"), *incident.why)})


def _shape(incident: Incident) -> str:
    """Give a digest of what people see of an incident; its rank, and small moves of its score, are no change."""
    plain = incident.model_copy(update={"rank": 0, "score": round(incident.score, 1), "why": (), "folds": ()})
    return _digest([plain.model_dump_json(), *sorted(f"{fold.id} {fold.count}" for fold in incident.folds)])


def _core(incident: Incident) -> str:
    return _digest(sorted(fold.id for fold in incident.folds))


def _digest(parts: Sequence[str]) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()

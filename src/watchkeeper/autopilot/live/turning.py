"""A turn: from what there is now to what is saved of it. Owns which incidents changed, went on in another, or no longer stand out."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.autopilot.closing import settle
from watchkeeper.autopilot.following import Again
from watchkeeper.autopilot.investigation import MOST_TRACED
from watchkeeper.autopilot.live.again import again_in, reopened_by
from watchkeeper.autopilot.live.desk import Desk, Now, Told
from watchkeeper.autopilot.live.flowing import with_results
from watchkeeper.autopilot.live.learning import Learnt
from watchkeeper.autopilot.redetection import late_count
from watchkeeper.autopilot.standings import again_notes
from watchkeeper.autopilot.world import World
from watchkeeper.correlation import Correlated, absorb
from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.subject import Subject
from watchkeeper.model.watch import Standing


@dataclass(slots=True)
class Results:
    """What the flow made of incidents, by their ids."""

    incidents: dict[str, Incident] = field(default_factory=dict[str, Incident])
    """Those that are underway, with everything that was made of them."""
    followed: dict[str, str] = field(default_factory=dict[str, str])
    """Digest of which folds each held then."""

    def add(self, made: Incident) -> bool:
        """Take in an incident that was followed; say whether it is still there."""
        before = self.incidents.get(made.id)
        if before is None:
            return False
        self.incidents[made.id] = with_results(before, made)
        self.followed[made.id] = core(made)
        return True

    def keep(self, held: Mapping[str, Incident]) -> None:
        """Hold these incidents alone."""
        self.incidents = dict(held)
        self.followed = {id_: folds for id_, folds in self.followed.items() if id_ in held}


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
    again: Again
    """What they name of other incidents' attackers."""

    def reopened(self, now: datetime) -> tuple[Standing, ...]:
        """Give the incidents that are open again because one that changed names something of theirs."""
        ids = pa.array([incident.id for incident in self.changed], pa.string())
        return reopened_by(self.signals.filter(pc.is_in(self.signals.column("incident"), value_set=ids)), self.again, now)

    def seen_from(self, world: World, incident: Incident, end: datetime | None) -> World:
        """Give the world as it is with an incident as it stands."""
        own = self.signals.filter(pc.equal(pc.field("incident"), pc.scalar(incident.id)))

        def signals_of(_: Incident) -> pa.Table:
            return own

        def again(_: Incident) -> Sequence[Note]:
            return again_notes(self.again, own)

        return replace(world, signals_of=signals_of, record_end=end, again=again)


def turned(desk: Desk, results: Results, learnt: Learnt, asset_of: Callable[[str], Asset]) -> Turn:
    """Look at a desk; nothing of it changes but the ids that it gave."""
    now = desk.look()
    found = _with_traced(now.found, results.incidents)
    settled = settle(replace(found, sessions=()), asset_of, learnt.experience, learnt.drawing_key)
    incidents = settled.found.incidents
    told = {incident.id: Told(_shape(incident), results.followed.get(incident.id, ""), incident.sessions) for incident in incidents}
    merged = dict(_merged(desk.told, told, now))
    receded = tuple(_receded(results.incidents[id_]) for id_ in _receding(desk.told, told, merged, now) if id_ in results.incidents)
    incidents = tuple(_saying_late(one, settled.found.signals) for one in incidents)
    changed = tuple(one for one in incidents if desk.told.get(one.id, _NOTHING).shape != told[one.id].shape)
    to_follow = tuple(one for one in incidents[:MOST_TRACED] if told[one.id].followed != core(one))
    gone = tuple(id_ for id_ in desk.told if id_ not in told)
    subjects = tuple(one for one in settled.subjects if one.id in told)
    held = {incident.id: incident for incident in found.incidents}
    return Turn(
        (*changed, *receded),
        told,
        merged,
        gone,
        to_follow,
        subjects,
        held,
        settled.found.signals,
        again_in(settled.found.signals, learnt.following),
    )


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


def core(incident: Incident) -> str:
    """Give a digest of which folds an incident holds."""
    return _digest(sorted(fold.id for fold in incident.folds))


def _digest(parts: Sequence[str]) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=12).hexdigest()

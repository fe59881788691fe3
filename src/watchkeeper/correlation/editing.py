"""Edits by people: incidents merged and split. Owns applying them to incidents as they were found; nothing is ever changed in place.

What was found is kept as it is, and what a person sees is made of it and the edits in force, so that taking one back leaves no trace.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from watchkeeper.correlation.funnel import Correlated, placed
from watchkeeper.correlation.growth import made_of, resessioned
from watchkeeper.correlation.session import digest
from watchkeeper.model.edit import Edit, Merge, Split
from watchkeeper.model.fold import Fold
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note


@dataclass(frozen=True, slots=True)
class Edited:
    """Incidents after edits."""

    incidents: tuple[Incident, ...]
    """In the order they were found in; one that was split off stands behind the one it was part of."""
    unapplied: tuple[Edit, ...]
    """Edits in force that speak of incidents or folds that are not there."""


def edited(incidents: Sequence[Incident], edits: Sequence[Edit]) -> Edited:
    """Apply the edits that nobody took back, in order."""
    now = list(incidents)
    unapplied: list[Edit] = []
    for edit in edits:
        if edit.undone is None:
            then = _merged(now, edit.change, edit) if isinstance(edit.change, Merge) else _divided(now, edit.change, edit)
            now = then or now
            unapplied += [] if then else [edit]
    return Edited(tuple(now), tuple(unapplied))


def edit_case(found: Correlated, edits: Sequence[Edit]) -> Correlated:
    """Apply edits to the incidents of one case and rank them anew; its sessions and signals follow."""
    now = edited(found.incidents, edits).incidents
    if now == found.incidents:
        return found
    ranked = tuple(one.model_copy(update={"rank": rank}) for rank, one in enumerate(now, start=1))
    sessions = resessioned(found.sessions, ranked)
    return replace(found, incidents=ranked, sessions=sessions, signals=placed(found.signals, ranked, sessions))


def split_id(incident: str, folds: Sequence[str]) -> str:
    """Give the id of an incident that is split off with these folds."""
    return digest("split", incident, *sorted(folds))


def _merged(incidents: Sequence[Incident], change: Merge, edit: Edit) -> list[Incident] | None:
    of = {one.id: one for one in incidents}
    if change.into == change.other or not {change.into, change.other} <= of.keys():
        return None
    into, other = of[change.into], of[change.other]
    held = {fold.id for fold in into.folds}
    made = made_of((*into.folds, *(fold for fold in other.folds if fold.id not in held)))
    made |= {
        "title": into.title,
        "score": max(into.score, other.score),
        "entities": tuple(dict.fromkeys((*into.entities, *other.entities))),
        "shown": into.shown or other.shown,
        "synthetic": into.synthetic or other.synthetic,
        "why": (*into.why, _note("incident.merged", edit, incident=other.id, title=other.title)),
    }
    return [into.model_copy(update=made) if one.id == into.id else one for one in incidents if one.id != other.id]


def _divided(incidents: Sequence[Incident], change: Split, edit: Edit) -> list[Incident] | None:
    at = next((place for place, one in enumerate(incidents) if one.id == change.incident), None)
    if at is None or any(one.id == change.made for one in incidents):
        return None
    whole = incidents[at]
    leaving = tuple(fold for fold in whole.folds if fold.id in change.folds)
    staying = tuple(fold for fold in whole.folds if fold.id not in change.folds)
    if not (leaving and staying):
        return None
    left = whole.model_copy(update={**made_of(staying), "why": (*whole.why, _note("incident.lost", edit, folds=str(len(leaving))))})
    return [*incidents[:at], left, _part(whole, leaving, change.made, edit), *incidents[at + 1 :]]


def _part(whole: Incident, folds: tuple[Fold, ...], name: str, edit: Edit) -> Incident:
    """Make an incident of some folds of another; what was traced and judged of the whole says nothing of it."""
    why = (_note("incident.split", edit, incident=whole.id, title=whole.title),)
    unknown = dict.fromkeys(("notice", "verdict", "trace", "watchlist", "impact", "weaknesses", "plan", "verification"))
    return whole.model_copy(update={**made_of(folds), **unknown, "id": name, "why": why, "failures": ()})


def _note(code: str, edit: Edit, **more: str) -> Note:
    return Note(code=code, arguments={**more, "by": edit.by, "why": edit.why})

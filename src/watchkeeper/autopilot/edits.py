"""Edits: merging and splitting incidents that are kept, and taking that back. Owns what a person means and the refusals."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from watchkeeper.correlation import Edited, edited, split_id
from watchkeeper.model.asset import Asset
from watchkeeper.model.edit import Edit, Merge, Split
from watchkeeper.model.incident import Incident
from watchkeeper.model.missing import MissingError
from watchkeeper.store import Store
from watchkeeper.triage import judge


@dataclass(frozen=True, slots=True)
class Who:
    """Who changes something, why and when."""

    by: str
    why: str
    time: datetime


def seen(store: Store) -> Edited:
    """Give the incidents of cases, and those of the stream that edits speak of, as people see them: as found, with the edits in force."""
    now = edited(found(store), store.edits())
    return Edited(tuple(_judged(one) for one in now.incidents), now.unapplied)


def incident_called(store: Store, start: str) -> Incident:
    """Give the incident, as people see it, whose id begins so.

    Raises:
        MissingError: there is none, or more than one.
    """
    here = {one.id: one for one in seen(store).incidents if start and one.id.startswith(start)}
    edited_away = {part for edit in store.edits() if edit.undone is None for part in parts(edit.change)}
    for id_ in store.live_called(start) if start else ():
        if id_ not in edited_away and (live := store.live_incident(id_)):
            here.setdefault(id_, live.incident)
    if len(here) != 1:
        raise MissingError(f"{len(here)} incidents begin with {start!r}; `watchkeeper incidents` lists them")
    return next(iter(here.values()))


def found(store: Store, *more: Edit) -> tuple[Incident, ...]:
    """Give the incidents of cases as they were found, then those of the stream that edits in force, or these, speak of."""
    cases = store.incidents()
    known = {one.id for one in cases}
    named = dict.fromkeys(part for edit in (*store.edits(), *more) if edit.undone is None for part in parts(edit.change))
    live = (store.live_incident(one) for one in named if one not in known)
    return (*cases, *(one.incident for one in live if one))


def merge(store: Store, into: str, other: str, who: Who) -> Edit:
    """Make the edit that merges one incident into another; it is not kept yet.

    Raises:
        ValueError: one of them is not there, or they are the same.
    """
    one, two = incident_called(store, into), incident_called(store, other)
    if one.id == two.id:
        raise ValueError(f"{into!r} and {other!r} are the same incident")
    return _edit(store, Merge(into=one.id, other=two.id), who)


def split(store: Store, start: str, folds: Sequence[str], host: str, who: Who) -> Edit:
    """Make the edit that splits folds off an incident, given by the beginnings of their ids or by their host; it is not kept yet.

    Raises:
        ValueError: the incident is not there, has no such folds, or has no others.
    """
    whole = incident_called(store, start)
    unknown = [fold for fold in folds if not fold or not any(one.id.startswith(fold) for one in whole.folds)]
    if unknown:
        raise ValueError(f"incident {whole.id[:12]!r} has no fold {unknown[0]!r}; incidents.json lists its folds")
    leaving = [one.id for one in whole.folds if (host and one.host == host.lower()) or any(one.id.startswith(fold) for fold in folds)]
    if not 0 < len(leaving) < len(whole.folds):
        raise ValueError(f"{len(leaving)} of {len(whole.folds)} folds would be split off; name some with --fold or --host, not all")
    return _edit(store, Split(incident=whole.id, folds=tuple(leaving), made=split_id(whole.id, leaving)), who)


def undo(store: Store, kind: Literal["merge", "split"], start: str, now: datetime) -> Edit:
    """Give the last edit of a kind that an incident took part in as taken back; it is not kept yet.

    Raises:
        ValueError: there is none.
    """
    for edit in reversed(store.edits()):
        if edit.undone is None and edit.change.kind == kind and any(start and one.startswith(start) for one in parts(edit.change)):
            return edit.model_copy(update={"undone": now})
    raise MissingError(f"no {kind} of an incident that begins with {start!r} is in force; `watchkeeper incidents` lists them")


def without_edit(store: Store, edit: Edit) -> Edited:
    """Give every incident as people see it now, among them those that an edit speaks of."""
    return edited(found(store, edit), store.edits())


def with_edit(store: Store, edit: Edit) -> Edited:
    """Give every incident as people would see it with an edit kept, or as what became of it."""
    return edited(
        found(store, edit), sorted([*(one for one in store.edits() if one.number != edit.number), edit], key=lambda one: one.number)
    )


def _edit(store: Store, change: Merge | Split, who: Who) -> Edit:
    if not who.why.strip():
        raise ValueError("say why with --why")
    number = max((one.number for one in store.edits()), default=0) + 1
    return Edit(number=number, change=change, why=who.why, by=who.by, time=who.time)


def parts(change: Merge | Split) -> tuple[str, str]:
    """Give the ids of the incidents that an edit speaks of."""
    return (change.into, change.other) if isinstance(change, Merge) else (change.incident, change.made)


def _judged(incident: Incident) -> Incident:
    """Judge by its signals alone what was split off: nobody did so yet."""
    is_part = incident.verdict is None and any(note.code == "incident.split" for note in incident.why)
    return incident.model_copy(update={"verdict": judge(incident, lambda name: Asset(name=name))}) if is_part else incident

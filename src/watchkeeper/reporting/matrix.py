"""The ATT&CK strip: an incident's techniques under their tactics. Owns the placing; names are `attack`'s, colours the page's."""

from dataclasses import dataclass

from watchkeeper.attack import TACTICS, current_id, tactic, technique
from watchkeeper.model.incident import Incident


@dataclass(frozen=True, slots=True)
class Cell:
    """One technique and what speaks for it."""

    id: str
    name: str
    """Name in ATT&CK; empty if ATT&CK has no such technique."""
    folds: int
    """Folds of signals tagged with it."""
    signals: int
    """Signals in these folds."""


@dataclass(frozen=True, slots=True)
class Column:
    """One tactic with the techniques that serve it here."""

    tactic: str
    cells: tuple[Cell, ...]


def columns(incident: Incident) -> tuple[Column, ...]:
    """Give all tactics in the usual order, each with the incident's techniques; last a nameless one for those that fit none."""
    placed: dict[str, list[Cell]] = {name: [] for name in (*TACTICS, "")}
    said = {tactic(name) for name in incident.tactics}
    for cell in cells(incident):
        known = technique(cell.id)
        serves = known.tactics if known else ()
        for name in [name for name in serves if name in said] or serves[:1] or ("",):
            placed[name].append(cell)
    return tuple(Column(name, tuple(cells)) for name, cells in placed.items() if name or cells)


def cells(incident: Incident) -> tuple[Cell, ...]:
    """Give the incident's techniques in today's ids, best supported first, with the folds and signals tagged with each."""
    traced = incident.trace.techniques if incident.trace else ()
    ids = dict.fromkeys(current_id(key) for key in (*incident.techniques, *traced))
    return tuple(_cell(incident, key) for key in ids)


def _cell(incident: Incident, key: str) -> Cell:
    folds = [fold for fold in incident.folds if key in {current_id(tag) for tag in fold.techniques}]
    known = technique(key)
    return Cell(key, known.name if known else "", len(folds), sum(fold.count for fold in folds))

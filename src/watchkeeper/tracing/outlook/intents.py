"""What an attacker seems to be after: the latest tactics of an incident with their counts. Owns the choice; the words are the lexicon's."""

from collections.abc import Sequence

from watchkeeper.attack import TACTICS, current_id, tactic, technique
from watchkeeper.model.incident import Incident
from watchkeeper.model.outlook import Intent

_MOST = 3


def stage(incident: Incident) -> str:
    """Give the latest tactic of an incident in the usual order; empty if it has none that ATT&CK has."""
    return next((name for name in reversed(TACTICS) if name in _said(incident)), "")


def intents(incident: Incident, techniques: Sequence[str]) -> tuple[Intent, ...]:
    """Give its latest tactics, the latest first; `techniques` are its own in today's ids, best supported first."""
    said = _said(incident)
    latest = [name for name in reversed(TACTICS) if name in said][:_MOST]
    return tuple(_intent(incident, name, techniques) for name in latest)


def _said(incident: Incident) -> set[str]:
    return {tactic(name) for name in incident.tactics}


def _intent(incident: Incident, name: str, techniques: Sequence[str]) -> Intent:
    serving = tuple(key for key in techniques if (known := technique(key)) and name in known.tactics)
    folds = [
        fold
        for fold in incident.folds
        if name in map(tactic, fold.tactics) or not {current_id(key) for key in fold.techniques}.isdisjoint(serving)
    ]
    return Intent(tactic=name, techniques=serving, folds=len(folds), signals=sum(fold.count for fold in folds))

"""What a condition may ask of an incident, worked out. Owns each fact's meaning; conditions see nothing else of it."""

from collections.abc import Callable

from watchkeeper.model.asset import Asset
from watchkeeper.model.asset_role import UNKNOWN
from watchkeeper.model.condition import IncidentFacts
from watchkeeper.model.incident import Incident
from watchkeeper.model.verdict import ATTACK, HARMLESS

_OUTSIDE = frozenset({"address", "domain", "url"})


def facts_of(incident: Incident, asset_of: Callable[[str], Asset], *, off_hours: bool) -> IncidentFacts:
    """Work out the facts of an incident; whether it is outside working hours, the caller knows."""
    verdict, trace = incident.verdict, incident.trace
    concerned = [asset_of(host) for host in incident.hosts]
    named = [entity.value for entity in incident.entities if entity.kind in ("user", "account")]
    return IncidentFacts(
        outcome=verdict.outcome if verdict else "unjudged",
        hypothesis=verdict.hypothesis if verdict else "",
        attack=attack_of(incident),
        level=incident.level,
        tactics=incident.tactics,
        techniques=incident.techniques,
        roles=tuple(dict.fromkeys(asset.role or UNKNOWN for asset in concerned)),
        protected=any(asset.protected for asset in (*concerned, *map(asset_of, named))),
        hosts=len(incident.hosts),
        signals=sum(fold.count for fold in incident.folds),
        attackers=sum(entity.kind in _OUTSIDE for entity in trace.attackers) if trace else 0,
        planned=tuple(dict.fromkeys(action.name for action in incident.plan.actions)) if incident.plan else (),
        off_hours=off_hours,
        synthetic=incident.synthetic,
    )


def attack_of(incident: Incident) -> float:
    """Give the probability that it is an attack; where a person decided, that is what they said."""
    verdict = incident.verdict
    if verdict is None:
        return 0.0
    if verdict.attack is not None:
        return min(max(verdict.attack, 0.0), 1.0)
    return 1.0 if verdict.outcome in ATTACK else 0.0 if verdict.outcome in HARMLESS else 0.5

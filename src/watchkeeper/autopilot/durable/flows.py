"""Flows as they are begun: their ids, what an incident goes by, and which incidents need one. Owns no step; imports no DBOS."""

import hashlib
import json
from datetime import datetime

from watchkeeper.model.flow import Flow
from watchkeeper.model.incident import Incident
from watchkeeper.model.live import LiveIncident


def flow_id(tenant: str, incident: str, number: int) -> str:
    """Give what a flow is known by: the same incident and number never begin twice."""
    return f"{tenant}/{incident}/{number}"


def begun(incident: str, core: str, number: int, now: datetime) -> Flow:
    """Give a flow at its beginning."""
    return Flow(incident=incident, state="walking", number=number, core=core, begun=now, changed=now)


def core_of(incident: Incident) -> str:
    """Give a digest of what a flow goes by, in two halves with a dot between: the verdict, and the targets of the plan."""
    verdict, plan = incident.verdict, incident.plan
    judged = [verdict.outcome, verdict.hypothesis, round(verdict.attack or 0.0, 1), incident.level] if verdict else []
    actions = sorted([action.name, action.target.model_dump_json()] for action in plan.actions) if plan else []
    return f"{_digest(judged)}.{_digest(actions)}"


def is_walkable(row: LiveIncident) -> bool:
    """Say whether an incident can be walked: people see it, it stands by itself, and it is judged and has a plan."""
    one = row.incident
    return one.shown and not row.into and row.status != "closed" and one.verdict is not None and one.plan is not None


def needs_one(row: LiveIncident, flow: Flow | None) -> bool:
    """Say whether a flow has to be begun: there was none, or the incident is another than the last one went by."""
    if not is_walkable(row):
        return False
    return flow is None or (flow.state in {"done", "failed"} and flow.core != core_of(row.incident))


def _digest(told: object) -> str:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.blake2b(text.encode("ascii"), digest_size=8).hexdigest()

"""Scoring an exercise: each step of the plan against signals, incidents, verdicts, actions and messages. Owns the points' evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.attack import current_id
from watchkeeper.autopilot.action_figures import worked
from watchkeeper.autopilot.board import with_lines
from watchkeeper.autopilot.exercise.belonging import MOST, belonging, marked, signals_of
from watchkeeper.model.acted import Acted
from watchkeeper.model.exercise import Belonging, Exercise, PlanStep, Scored, StepScore
from watchkeeper.model.incident import Incident
from watchkeeper.model.proposal import ActionRecord
from watchkeeper.model.signal_placed import SignalFilter, SignalPlaced
from watchkeeper.model.summary import IncidentFilter, IncidentSummary
from watchkeeper.model.verdict import ATTACK
from watchkeeper.store import Store


@dataclass(frozen=True, slots=True)
class Material:
    """What an exercise is scored by: nouns alone."""

    signals: Sequence[SignalPlaced]
    """Signals in its windows."""
    incidents: Mapping[str, tuple[Incident, IncidentSummary]]
    """Incidents as people see them, by the id of each signal's incident."""
    acted: Acted
    """What was done."""
    told: Mapping[str, datetime]
    """When people were first told of each incident."""
    is_cut: bool = False
    """Whether there were more signals than are looked at."""


def score(store: Store, exercise: Exercise, acted: Acted, now: datetime) -> Scored:
    """Score an exercise by what is kept."""
    return scored(exercise, material(store, exercise, acted), now)


def material(store: Store, exercise: Exercise, acted: Acted) -> Material:
    """Read what an exercise is scored by."""
    since, until = min(one.since for one in exercise.windows), max(one.until for one in exercise.windows)
    found = tuple(signals_of(store, SignalFilter(since=since, until=until)))
    ids = {one.incident for one in found if one.incident}
    seen = with_lines(store, IncidentFilter(since=since, until=until))
    incidents = {incident.id: (incident, line) for incident, line in seen if incident.id in ids}
    told = {id_: time for id_ in incidents if (time := _told(store, id_))}
    return Material(found, incidents, acted, told, is_cut=len(found) >= MOST)


def scored(exercise: Exercise, of: Material, now: datetime) -> Scored:
    """Give the points of every step, and how much of each incident is of the exercise."""
    steps = tuple(_step(number, step, exercise, of) for number, step in enumerate(exercise.plan, 1))
    touched = tuple(one for one in _belongings(exercise, of) if one.inside)
    titles = {one.incident: of.incidents[one.incident][0].title for one in touched}
    synthetic = any(one.synthetic for one in of.signals)
    return Scored(
        exercise=exercise, time=now, steps=steps, incidents=touched, titles=titles, signals=len(of.signals), is_cut=of.is_cut,
        synthetic=synthetic,
    )  # fmt: skip


def _belongings(exercise: Exercise, of: Material) -> list[Belonging]:
    by_incident: dict[str, list[SignalPlaced]] = {id_: [] for id_ in of.incidents}
    for one in of.signals:
        if one.incident and one.incident in by_incident:
            by_incident[one.incident].append(one)
    return [belonging(of.incidents[id_][0], found, exercise) for id_, found in by_incident.items()]


def _step(number: int, step: PlanStep, exercise: Exercise, of: Material) -> StepScore:
    saw = sorted((one for one in of.signals if _saw(one, step, exercise)), key=_order)
    bare = StepScore(number=number, step=step)
    if not saw:
        return bare
    first = saw[0]
    held = next((id_ for one in saw if (id_ := one.incident) and id_ in of.incidents and of.incidents[id_][1].shown), None)
    seen = bare.model_copy(
        update={
            "signal": first.id,
            "signal_title": first.title,
            "seen_by": "technique" if _is_of(first, step.technique) else "attacker",
            "seen_after_seconds": _after(first.time, step),
        }
    )
    return _with_incident(seen, held, exercise, of) if held else seen


def _with_incident(bare: StepScore, incident: str, exercise: Exercise, of: Material) -> StepScore:
    line = of.incidents[incident][1]
    said = line.said[-1].verdict if line.said else None
    verdict = said or line.verdict
    right = verdict in ATTACK or said == "authorised"
    act = _blocking(bare.step, incident, exercise, of)
    return bare.model_copy(
        update={
            "incident": incident,
            "verdict": verdict,
            "decided_by": _decider(of.incidents[incident][0], is_said=said is not None),
            "verdict_right": right,
            "action": act.id if act else "",
            "action_name": act.proposal.action if act else "",
            "blocked_after_seconds": _after(worked(act), bare.step) if act else None,
            "told": of.told.get(incident),
        }
    )


def _decider(incident: Incident, *, is_said: bool) -> str | None:
    if is_said:
        return "person"
    return incident.verdict.decided_by if incident.verdict else None


def _saw(signal: SignalPlaced, step: PlanStep, exercise: Exercise) -> bool:
    if signal.time is None or signal.host != step.target or not step.since <= signal.time <= step.until:
        return False
    return _is_of(signal, step.technique) or marked(signal, exercise.attackers)


def _is_of(signal: SignalPlaced, technique: str) -> bool:
    """Say whether a signal names the technique of a step, its parent, or one under it."""
    wanted = current_id(technique)
    named = map(current_id, signal.techniques)
    return any(one == wanted or one.startswith(f"{wanted}.") or wanted.startswith(f"{one}.") for one in named)


def _order(signal: SignalPlaced) -> tuple[float, str]:
    return (signal.time.timestamp() if signal.time else 0.0, signal.id)


def _after(time: datetime | None, step: PlanStep) -> float:
    return round((time - step.since).total_seconds(), 3) if time else 0.0


def _blocking(step: PlanStep, incident: str, exercise: Exercise, of: Material) -> ActionRecord | None:
    """Give the first action for an incident, against the step's target or the attackers, that was seen to work before it was all over."""
    over = max(one.until for one in exercise.windows)
    theirs = {step.target, *exercise.attackers.addresses, *exercise.attackers.accounts, *exercise.attackers.tools}
    mine = [one for one in of.acted.records if one.proposal.incident == incident and _works(one, over) and _aims(one, theirs)]
    return min(mine, key=lambda one: (worked(one) or over, one.id), default=None)


def _works(record: ActionRecord, over: datetime) -> bool:
    """Say whether it was seen to work at its target in time, and was not seen to be without effect after that."""
    time = worked(record)
    return time is not None and time <= over and record.state != "ineffective"


def _aims(record: ActionRecord, theirs: set[str]) -> bool:
    named = {one.value for one in record.proposal.targets} | {record.proposal.arguments.get("host", "")}
    return not named.isdisjoint(theirs)


def _told(store: Store, incident: str) -> datetime | None:
    sent = [one.settled for one in store.messages(incident) if one.state == "sent" and one.settled]
    return min(sent, default=None)

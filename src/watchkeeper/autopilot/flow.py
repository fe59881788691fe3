"""The flow: the operations in order over one incident. Owns the order and what becomes of a step that fails."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from math import inf

from watchkeeper.autopilot.assess import assess, weaknesses
from watchkeeper.autopilot.respond import respond
from watchkeeper.autopilot.trace import trace
from watchkeeper.autopilot.track import outlook, track
from watchkeeper.autopilot.triage import triage
from watchkeeper.autopilot.verify import verify
from watchkeeper.autopilot.warn import warn
from watchkeeper.autopilot.world import World
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.notice import Failure
from watchkeeper.model.noun import Noun
from watchkeeper.model.query import Query, Search


@dataclass(frozen=True, slots=True)
class Step:
    """One operation and the field of the incident that its result fills."""

    name: str
    fills: str
    run: Callable[[Incident, World], Noun]


FLOW = (
    Step("warn", "notice", warn),
    Step("triage", "verdict", triage),
    Step("trace", "trace", trace),
    Step("track", "watchlist", track),
    Step("track", "outlook", outlook),
    Step("assess", "impact", assess),
    Step("assess", "weaknesses", weaknesses),
    Step("triage", "verdict", triage),
    Step("respond", "plan", respond),
    Step("verify", "verification", verify),
)
"""Triage comes twice: fast from the signals, and again when the trace shows what happened. Report, the eighth, is for the whole case."""


def run(incident: Incident, world: World, time_left: Callable[[], float] = lambda: inf) -> Incident:
    """Take an incident through every step; a step that fails leaves a `Failure` where people see it, and the next one runs.

    When there are no seconds left, what searches fails, and so do the steps that have not begun.
    """
    timed = replace(world, search=_timed(world.search, time_left))
    for step in FLOW:
        incident = _taken(step, incident, timed, time_left)
    return incident


def _timed(search: Search, time_left: Callable[[], float]) -> Search:
    def searched(query: Query) -> Iterator[Event]:
        _in_time(time_left)
        for event in search(query):
            _in_time(time_left)
            yield event

    return searched


def _in_time(time_left: Callable[[], float]) -> None:
    if time_left() <= 0:
        raise TimeoutError("its time was up; it is tried again when more is known of the incident")


def _taken(step: Step, incident: Incident, world: World, time_left: Callable[[], float]) -> Incident:
    try:
        _in_time(time_left)
        return incident.model_copy(update={step.fills: step.run(incident, world)})
    except Exception as error:  # noqa: BLE001 -- the boundary of a step: what went wrong becomes a value that a person sees
        failure = Failure(step=step.name, tried=f"{step.name} {incident.title!r}", error=f"{type(error).__name__}: {error}")
        return incident.model_copy(update={"failures": (*incident.failures, failure)})

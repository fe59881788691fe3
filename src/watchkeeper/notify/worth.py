"""What is worth telling: what changes what one should do. Owns that judgement; a further signal alone is none."""

from collections.abc import Callable

from watchkeeper.model.incident import Incident
from watchkeeper.model.level import LEVELS
from watchkeeper.model.message import Reason
from watchkeeper.model.verdict import HARMLESS, Outcome


def worth_telling(
    before: Incident | None, after: Incident, is_protected: Callable[[str], bool], *, is_reopened: bool = False
) -> tuple[Reason, ...]:
    """Say why people should hear of an incident now, given how it was when they last could; nothing if they need not.

    `before` is None for an incident that was not there. One that nobody is shown is told when it is shown first.
    """
    if not after.shown:
        return ()
    if before is None or not before.shown:
        return ("new", "succeeded") if _outcome(after) == "succeeded" else ("new",)
    reasons: list[Reason] = ["re-opened"] if is_reopened else []
    reasons += _judged(_outcome(before), _outcome(after))
    if _reached(after, is_protected) - _reached(before, is_protected):
        reasons.append("spread")
    if LEVELS.index(after.level) > LEVELS.index(before.level):
        reasons.append("severer")
    return tuple(reasons)


def _judged(before: Outcome | None, after: Outcome | None) -> tuple[Reason, ...]:
    """Say whether another verdict asks for something else; benign and authorised both ask for nothing."""
    if after is None or after == before or (before in HARMLESS and after in HARMLESS):
        return ()
    if after == "succeeded":
        return ("succeeded",)
    return () if before is None and after == "undetermined" else ("verdict",)


def _outcome(incident: Incident) -> Outcome | None:
    return incident.verdict.outcome if incident.verdict else None


def _reached(incident: Incident, is_protected: Callable[[str], bool]) -> set[str]:
    """Give the protected assets that it is about, or that an event shows it acted on."""
    touched = (one.entity.value.casefold() for one in incident.impact.confirmed) if incident.impact else ()
    return {name for name in (*(host.casefold() for host in incident.hosts), *touched) if is_protected(name)}

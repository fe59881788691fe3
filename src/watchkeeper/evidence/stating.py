"""Stating: what several events say together by one predicate. Owns making a claim out of events; whether it holds is `checking`'s."""

from collections.abc import Iterator, Sequence

from watchkeeper.evidence.naming import ending, folder, shared_folder, spoken
from watchkeeper.evidence.predicates import COUNTED, MANY, SPREAD
from watchkeeper.evidence.roles import arguments
from watchkeeper.model.claim import Claim
from watchkeeper.model.event import Event
from watchkeeper.model.evidence import Evidence


def statement(predicate: str, cited: Sequence[Event]) -> Claim | None:
    """Give what the events say by that predicate, in time order; none if one of them does not show it or says something else."""
    found = [arguments(predicate, event) for event in cited]
    told = [one for one in found if one is not None]
    if not told or len(told) < len(found) or (len(cited) > 1 and not (predicate in COUNTED or predicate.endswith(MANY))):
        return None
    said = _together(predicate, told)
    if said is None:
        return None
    return Claim(
        predicate=predicate,
        arguments=said | _counts(predicate, told, cited) | ({"host": cited[0].host} if cited[0].host else {}),
        evidence=tuple(Evidence(event_id=event.id, time=event.time) for event in cited),
        time=min((event.time for event in cited if event.time), default=None),
        host=cited[0].host,
    )


def _together(predicate: str, told: Sequence[dict[str, str]]) -> dict[str, str] | None:
    counted = COUNTED.get(predicate, "")
    said = {role: spoken(role, text) for role, text in told[0].items() if role != counted}
    if any(spoken(role, one[role]) != text for one in told for role, text in said.items()):
        return None
    if not counted:
        return said
    texts = [one[counted] for one in told]
    shared = ending(texts[0]) if counted == "ending" else shared_folder(texts)
    return said | {counted: shared} if shared else None


def _counts(predicate: str, told: Sequence[dict[str, str]], cited: Sequence[Event]) -> dict[str, str]:
    if predicate not in COUNTED:
        return {"count": str(len({event.id for event in cited}))} if predicate.endswith(MANY) else {}
    things = {one[COUNTED[predicate]] for one in told}
    spread = {"folders": str(len({folder(thing) for thing in things}))} if predicate in SPREAD else {}
    return {"count": str(len(things))} | spread


def statements(predicates: Sequence[str], cited: Sequence[Event]) -> Iterator[Claim]:
    """Yield everything that the events say by these predicates."""
    for predicate in predicates:
        claim = statement(predicate, cited)
        if claim is not None:
            yield claim

"""Claims that are true of real events, and the lies next to them: what `claims.py` and the tests of `evidence` hold the verifier to.

Each lie is one by construction, judged by the events' own fields and not by the verifier: a swap is made only where neither value stands in
the other role's field, a neighbour is cited only where it says something else.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from pathlib import Path

from watchkeeper.evidence.naming import ending, folder, spoken
from watchkeeper.evidence.predicates import COUNTED, MANY, SPREAD, TABLE
from watchkeeper.evidence.roles import arguments, shape, values
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch
from watchkeeper.model.claim import Claim
from watchkeeper.model.event import Event
from watchkeeper.model.evidence import Evidence

MOMENT = timedelta(microseconds=1)
_LOOKALIKES = str.maketrans("aceiopxyABCEHKMOPTX", "асеіорхуАВСЕНКМОРТХ")
_INVISIBLE = "\u200b"
_PARTS = {"folder": folder, "root": folder, "ending": ending}


def events_in(paths: Iterable[Path]) -> Iterator[Event]:
    """Read files and yield their events one by one."""
    for batch in read(list(paths)):
        if isinstance(batch, Batch):
            meta = batch.table.select(["_id", "_time", "_host", "_source", "_row"]).to_pylist()
            for known, fields in zip(meta, batch.rows(), strict=True):
                native = {name: value if isinstance(value, str) else tuple(value) for name, value in fields.items()}
                yield Event(
                    id=known["_id"], time=known["_time"], host=known["_host"], source=known["_source"], row=known["_row"],
                    logsource=batch.logsource, fields=native,
                )  # fmt: skip


def truth(predicate: str, *cited: Event) -> Claim | None:
    """Say that predicate of the events as the story would; none if they do not show it, or not all the same."""
    found = [_said(predicate, event) for event in cited]
    said = found[0]
    if said is None or any(one != said for one in found):
        return None
    said |= _counts(predicate, said, cited) | ({"host": cited[0].host} if cited[0].host else {})
    return Claim(
        predicate=predicate,
        arguments=said,
        evidence=tuple(Evidence(event_id=event.id, time=event.time) for event in cited),
        time=min((event.time for event in cited if event.time), default=None),
        host=cited[0].host,
    )


def _said(predicate: str, event: Event) -> dict[str, str] | None:
    found = arguments(predicate, event)
    said = {role: _PARTS[role](text) if role in _PARTS else spoken(role, text) for role, text in (found or {}).items()}
    return said if said and all(said.values()) else None


def _counts(predicate: str, said: Mapping[str, str], cited: Sequence[Event]) -> dict[str, str]:
    if predicate not in COUNTED:
        return {"count": str(len(cited))} if predicate.endswith(MANY) else {}
    role = COUNTED[predicate]
    everything = {text for event in cited for text in _texts(predicate, event)[role]}
    texts = {text for text in everything if text.startswith(said[role]) or ending(text) == said[role]}
    folders = {"folders": str(len({folder(text) for text in texts}))} if predicate in SPREAD else {}
    return {"count": str(len(texts))} | folders


def _texts(predicate: str, event: Event) -> Mapping[str, tuple[str, ...]]:
    return {role: values(event, field) for role, field in (shape(predicate, event) or {}).items()}


def _holds(predicate: str, event: Event, role: str, value: str) -> bool:
    texts = _texts(predicate, event).get(role, ())
    if role in _PARTS:
        return any(text.startswith(value) or _PARTS[role](text) == value for text in texts)
    return any(value in {text, spoken(role, text)} for text in texts)


def truths(event: Event) -> Iterator[Claim]:
    """Yield everything that can be truly said of one event."""
    for predicate in TABLE:
        for name in (predicate, predicate + MANY):
            claim = truth(name, event) if name == predicate or predicate not in COUNTED else None
            if claim is not None:
                yield claim


def lies(claim: Claim, cited: Sequence[Event], neighbour: Event | None = None) -> Iterator[tuple[str, Claim]]:
    """Yield lies next to a true claim with what was done to it."""
    yield from _swaps(claim, cited)
    yield from _alterations(claim, cited)
    yield from _displacements(claim)
    yield from _recounts(claim)
    if neighbour is not None:
        yield from _borrowed(claim, cited, neighbour)


def _with(claim: Claim, **said: str) -> Claim:
    return claim.model_copy(update={"arguments": claim.arguments | said})


def _swaps(claim: Claim, cited: Sequence[Event]) -> Iterator[tuple[str, Claim]]:
    roles = [role for role in claim.arguments if role not in {"count", "folders", "host"}]
    for one, other in combinations(roles, 2):
        said, told = claim.arguments[one], claim.arguments[other]
        if not all(_holds(claim.predicate, event, one, told) and _holds(claim.predicate, event, other, said) for event in cited):
            yield f"swap {one} {other}", _with(claim, **{one: told, other: said})


def _alterations(claim: Claim, cited: Sequence[Event]) -> Iterator[tuple[str, Claim]]:
    for role, value in claim.arguments.items():
        for how, lie in _altered(value).items():
            if role in {"count", "folders", "host"} or not all(_holds(claim.predicate, event, role, lie) for event in cited):
                yield f"{how} {role}", _with(claim, **{role: lie})
        if role != "host":
            yield (
                f"without {role}",
                claim.model_copy(update={"arguments": {key: said for key, said in claim.arguments.items() if key != role}}),
            )
    yield "unknown role", _with(claim, accomplice="eva")
    yield "other predicate", claim.model_copy(update={"predicate": "process.sang"})


def _altered(value: str) -> Mapping[str, str]:
    found = {
        "longer": value + "x", "invisible": value[:1] + _INVISIBLE + value[1:], "lookalike": value.translate(_LOOKALIKES),
        "case": value.swapcase(), "cut": value[: len(value) // 2], "blank": "", "padded": value + " ",
        "reversed": "\u202e" + value[::-1],
    }  # fmt: skip
    if value.isdecimal():
        found["base"] = hex(int(value))
    elif value.lower().startswith("0x") and len(value) > 2:
        found["base"] = str(int(value, 16))
    return {how: lie for how, lie in found.items() if lie != value}


def _displacements(claim: Claim) -> Iterator[tuple[str, Claim]]:
    for name, moment in (("later", MOMENT), ("earlier", -MOMENT)):
        moved = tuple(item.model_copy(update={"time": item.time + moment if item.time else None}) for item in claim.evidence)
        if claim.time is not None:
            yield f"{name} claim", claim.model_copy(update={"time": claim.time + moment})
            yield f"{name} evidence", claim.model_copy(update={"evidence": moved})
            yield f"{name} both", claim.model_copy(update={"evidence": moved, "time": claim.time + moment})
    yield "other host", claim.model_copy(update={"host": claim.host + "x"})
    yield "nothing cited", claim.model_copy(update={"evidence": ()})
    lost = claim.evidence[0].model_copy(update={"event_id": claim.evidence[0].event_id[::-1] + "0"})
    yield "lost event", claim.model_copy(update={"evidence": (lost, *claim.evidence[1:])})


def _recounts(claim: Claim) -> Iterator[tuple[str, Claim]]:
    for role in claim.arguments.keys() & {"count", "folders"}:
        for more in (-1, 1, 10):
            yield f"count {role} {more:+}", _with(claim, **{role: str(int(claim.arguments[role]) + more)})


def _borrowed(claim: Claim, cited: Sequence[Event], neighbour: Event) -> Iterator[tuple[str, Claim]]:
    """Cite the neighbour instead of the first event, and beside it."""
    other = Evidence(event_id=neighbour.id, time=neighbour.time)
    said = {role: value for role, value in claim.arguments.items() if role not in {"count", "folders", "host"}}
    same = neighbour.host == claim.host and all(_holds(claim.predicate, neighbour, role, value) for role, value in said.items())
    if neighbour.time != claim.time or not same:
        yield "neighbour cited", claim.model_copy(update={"evidence": (other, *claim.evidence[1:])})
        mixed = claim.evidence[0].model_copy(update={"event_id": neighbour.id})
        yield "neighbour by its id", claim.model_copy(update={"evidence": (mixed, *claim.evidence[1:])})
    if not same:
        yield "neighbour with its time", claim.model_copy(update={"evidence": (other,), "time": neighbour.time, "host": neighbour.host})
        yield "neighbour besides", claim.model_copy(update={"evidence": (*claim.evidence, other)})
    if len(cited) > 1 and claim.predicate not in COUNTED:
        yield "event dropped", claim.model_copy(update={"evidence": claim.evidence[:-1]})
        yield "event added", claim.model_copy(update={"evidence": (*claim.evidence, other)})

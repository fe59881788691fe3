"""What `_bulk` is answered, item by item. Owns joining it from pieces made once for each kind of item; the body's meaning is `bulk`'s."""

from collections.abc import Callable, Sequence
from functools import cache

import msgspec

from watchkeeper.ingest.listeners.bulk import Action
from watchkeeper.ingest.listeners.filter_path import FilterPath, Json

_ID = "\0"
_encode = msgspec.json.Encoder().encode


def bulk_answer(actions: Sequence[Action], took_ms: int, wanted: FilterPath) -> bytes:
    """Give the answer in JSON: the items in the order of their actions, as far as they are wanted."""
    kinds = set(actions)
    errors = any(action.error is not None for action in kinds)
    head = _encode(wanted.apply({"errors": errors, "took": took_ms}))[:-1]
    piece_of = _pieces(wanted.beneath("items"))
    pieces = {action: piece_of(action) for action in kinds}
    items = b",".join(filter(None, map(pieces.__getitem__, actions)))
    if not items and (actions or not wanted.apply({"items": [""]})):
        return head + b"}"
    return head + (b',"items":[' if len(head) > 1 else b'"items":[') + items + b"]}"


def _pieces(wanted: FilterPath) -> Callable[[Action], bytes]:
    """Give the function from an action to its item; what differs by the document's id alone is made once."""

    @cache
    def around_id(operation: str, index: str) -> tuple[bytes, ...]:
        return tuple(_piece(operation, _kept(index, _ID), wanted).split(_encode(_ID)))

    def piece(action: Action) -> bytes:
        if action.error is not None:
            kind, reason = action.error
            failed: dict[str, Json] = {
                "_index": action.index,
                "_id": action.id or None,
                "status": 400,
                "error": {"type": kind, "reason": reason},
            }
            return _piece(action.operation, failed, wanted)
        if not action.id:
            return _piece(action.operation, _kept(action.index), wanted)
        return _encode(action.id).join(around_id(action.operation, action.index))

    return piece


def _kept(index: str, name: str = "") -> dict[str, Json]:
    found: dict[str, Json] = {"_index": index}
    return {**found, **({"_id": name} if name else {}), "result": "created", "status": 201}


def _piece(operation: str, item: dict[str, Json], wanted: FilterPath) -> bytes:
    kept = wanted.apply({operation: item})
    return _encode(kept) if kept else b""

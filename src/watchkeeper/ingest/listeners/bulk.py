"""The body of Elasticsearch's `_bulk`. Owns cutting it into actions and documents, which are never decoded; answers: `bulk_answer`.

Source: Elasticsearch documentation, "Bulk API".
"""

import string
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
import msgspec.structs

from watchkeeper.ingest.listeners.exchange import Records

MAX_ID_BYTES = 512
_PLAIN = (string.ascii_letters + string.digits + "-_.:/+=").encode()
_OPEN, _CLOSE = ord("{"), ord("}")
_KEPT = frozenset({"index", "create"})
_WITHOUT_DOCUMENT = "delete"
_KNOWN = _KEPT | {"update", _WITHOUT_DOCUMENT}


class _Meta(msgspec.Struct, frozen=True, rename={"index": "_index", "id": "_id"}):
    index: str | None = None
    id: str | int | None = None


class Action(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What is asked for one document."""

    operation: str
    index: str
    id: str = ""
    error: tuple[str, str] | None = None
    """Type and reason, in Elasticsearch's words, if nothing is kept; none if the document is."""
    known: bool = True
    """Whether it is an action at all."""


class Bulk(NamedTuple):
    """What a body asks for."""

    records: Records
    actions: Sequence[Action]
    """One an item, in order."""


_decoder = msgspec.json.Decoder(dict[str, _Meta])
_NOT_AN_ACTION = ("illegal_argument_exception", "malformed action line, expected an object with one of index, create, update, delete")
_NO_DOCUMENT = ("illegal_argument_exception", "the action has no document on the line after it")
_NOT_AN_OBJECT = ("document_parsing_exception", "the document is not a JSON object on one line")


def parse(body: bytes, index: str = "") -> Bulk:
    """Cut a body; `index` is where documents go whose action names none.

    What is no action, or no document, costs its own item. Nothing raises.
    """
    found = _plain(body, index)
    return found if found is not None else _one_by_one(body.split(b"\n"), index)


def _plain(body: bytes, index: str) -> Bulk | None:
    """Cut a body that is as shippers write it, without copying it line by line; none if anything in it is otherwise."""
    known: dict[bytes, Action] = {}
    alike: Callable[[bytes], Action | None] = _unlike
    actions: list[Action] = []
    documents: list[memoryview] = []
    view, find = memoryview(body), body.find
    at = 0
    while at < len(body):
        begin = find(b"\n", at) + 1
        end = find(b"\n", begin) + 1 if begin else 0
        if end - begin < 3 or body[begin] != _OPEN or body[end - 2] != _CLOSE:
            return None
        line = body[at:begin]
        action = known.get(line) or alike(line)
        if action is None:
            action = known[line] = read_action(line, index)
            if action.error is not None:
                return None
            alike = _alike(line, action)
        actions.append(action)
        documents.append(view[begin:end])
        at = end
    return Bulk(Records(b"".join(documents), len(documents), _ids(actions, set(known.values()))), actions)


def _alike(line: bytes, action: Action) -> Callable[[bytes], Action | None]:
    """Give the function that reads actions which are written as this one is, but for an id of letters and digits."""
    before, name, after = line.rpartition(action.id.encode()) if action.id else (b"", b"", b"")
    if not (name and before.endswith((b'"_id":"', b'"_id": "')) and after.startswith(b'"')):
        return _unlike
    operation, index, length, end = action.operation, action.index, len(before), -len(after)

    def read(other: bytes) -> Action | None:
        if not (other.startswith(before) and other.endswith(after)):
            return None
        inner = other[length:end]
        if not inner or len(inner) > MAX_ID_BYTES or inner.translate(None, _PLAIN):
            return None
        return Action(operation, index, inner.decode())

    return read


def _unlike(_: bytes) -> None:
    """Read nothing: there is no action like it to go by."""


def _ids(actions: Iterable[Action], kinds: Iterable[Action]) -> tuple[str, ...]:
    if not any(one.id for one in kinds):
        return ()
    return tuple([f"{one.index}/{one.id}" if one.id else "" for one in actions])


def _one_by_one(lines: Sequence[bytes], index: str) -> Bulk:
    items = list(_items(lines[:-1] if not lines[-1] else lines, index))
    actions = [action for action, _ in items]
    kept = [action for action in actions if action.error is None]
    body = b"".join([document + b"\n" for action, document in items if action.error is None])
    return Bulk(Records(body, len(kept), _ids(kept, kept), len(items) - len(kept)), actions)


def _items(lines: Sequence[bytes], index: str) -> Iterator[tuple[Action, bytes]]:
    """Yield each action with its document, as Elasticsearch takes them; what is no action takes the next line along if that is none too."""
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        at += 1
        if not line:
            continue
        action = read_action(line, index)
        if action.operation == _WITHOUT_DOCUMENT or (not action.known and at < len(lines) and read_action(lines[at], index).known):
            yield action, b""
            continue
        document = lines[at].strip() if at < len(lines) else None
        at += 1
        yield _judged(action, document), document or b""


def _judged(action: Action, document: bytes | None) -> Action:
    if action.error is not None:
        return action
    if document is None:
        return msgspec.structs.replace(action, error=_NO_DOCUMENT)
    if not (document.startswith(b"{") and document.endswith(b"}")):
        return msgspec.structs.replace(action, error=_NOT_AN_OBJECT)
    return action


def read_action(line: bytes, index: str) -> Action:
    """Read one action line."""
    try:
        found = _decoder.decode(line)
    except (ValueError, RecursionError):
        return Action("index", index, error=_NOT_AN_ACTION, known=False)
    operation, meta = next(iter(found.items()), ("", _Meta()))
    if len(found) != 1 or operation not in _KNOWN:
        return Action("index", index, error=_NOT_AN_ACTION, known=False)
    where, name = meta.index or index, "" if meta.id is None else str(meta.id)
    return Action(operation, where, name, _refusal(operation, where, name))


def _refusal(operation: str, index: str, name: str) -> tuple[str, str] | None:
    if operation not in _KEPT:
        return "action_request_validation_exception", f"{operation} is not supported: what was received is kept as it came"
    if not index:
        return "action_request_validation_exception", "index is missing"
    if len(name) > MAX_ID_BYTES // 4 and len(name.encode(errors="replace")) > MAX_ID_BYTES:
        return "illegal_argument_exception", f"_id is longer than {MAX_ID_BYTES} bytes"
    return None

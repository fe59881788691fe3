"""Observables: what of an event can be compared with indicators. Owns which fields hold them and how a field's text is taken apart.

Which fields talk about what the schema says.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import pyarrow as pa

from watchkeeper.detection.intel.lookup import Pair
from watchkeeper.detection.intel.values import MOST_CHARACTERS, canonical, host_of, recognised
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema import compared, joined_texts, naming

MOST_PIECES = 256
"""Values that one text is taken apart into; the rest of it is not compared."""
_MOST_TEXT = 1 << 16
_ALERTED = {"signal.entities": "entity"}
"""What an alert of another product names, each with its kind."""
_EMPTY = frozenset({"", "-", "n/a", "(null)", "null", "none", "(empty)"})
_SEPARATED = re.compile(r"[;,\s]+")
_PORT = re.compile(r"\A(?:(\d{1,3}(?:\.\d{1,3}){3})|\[([0-9a-fA-F:.]+)\]):\d{1,5}\Z")
_HASHES = re.compile(r"(?:\b([A-Za-z0-9]{1,16})=)?\b([0-9A-Fa-f]{32,128})\b")
_OTHER_HASHES = frozenset({"IMPHASH", "PESHA1", "PESHA256"})
_MAILBOXES = re.compile(r"[^\s@<>\"',;:()]{1,64}@[^\s@<>\"',;:()]{1,255}")


def fields_of(source: LogSource) -> Mapping[str, str]:
    """Give the fields of a log source's events that hold observables, with the kind of text that stands in them."""
    return _fields(source.product, source.service, source.event_type)


def columns_of(batch: Batch) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Yield each column of a batch with observables: its fields, several where they are joined, the kind of its texts, and it."""
    held = batch.table.column_names
    for field, kind in fields_of(batch.logsource).items():
        if field in held:
            yield (field,), kind, batch.table.column(field)
    for name in naming(batch.logsource):
        joined = None if name.field or name.kind not in _TAKEN else joined_texts(name, batch.table)
        if joined is not None:
            yield name.natives, name.kind, pa.chunked_array([joined])


def kinds_in(text_kind: str) -> frozenset[str]:
    """Give the kinds of observables that a kind of text can hold."""
    return _TAKEN[text_kind][0]


def observables(text_kind: str, text: str) -> list[Pair]:
    """Give what a field's text names, canonical, each once; what is longer than values can be is left out."""
    if text.strip().lower() in _EMPTY:
        return []
    return list(dict.fromkeys(islice(_TAKEN[text_kind][1](text[:_MOST_TEXT]), MOST_PIECES)))


@lru_cache(maxsize=4_096)
def _fields(product: str, service: str, event_type: str) -> Mapping[str, str]:
    fields = compared(LogSource(product=product, service=service, event_type=event_type))
    return {name: kind for name, kind in fields.items() if kind in _TAKEN} | _ALERTED


def _one(kind: str, text: str) -> Iterator[Pair]:
    value = canonical(kind, text)
    if value:
        yield kind, value


def _addresses(text: str) -> Iterator[Pair]:
    value = canonical("address", text)
    if value:
        yield "address", value
        return
    for piece in _SEPARATED.split(text):
        found = _PORT.match(piece)
        yield from _one("address", (found.group(1) or found.group(2)) if found else piece)


def _domains(text: str) -> Iterator[Pair]:
    name = text.strip()
    host, separator, port = name.rpartition(":")
    name = host if separator and port.isdigit() else name
    address = canonical("address", name)
    yield from ((("address", address),) if address else _one("domain", name))


def _hosts(text: str) -> Iterator[Pair]:
    yield from _one("host", text)
    if "." in text:
        yield from _domains(text)


def _urls(text: str) -> Iterator[Pair]:
    kind, value = recognised(text)
    if kind != "url":
        if kind in ("domain", "address"):
            yield kind, value
        return
    yield kind, value
    plain = value.partition("?")[0]
    if plain != value:
        yield kind, plain
    yield from _domains(host_of(value))


def _hash_values(text: str) -> Iterator[Pair]:
    for name, value in _HASHES.findall(text):
        if name.upper() not in _OTHER_HASHES:
            yield from _one("hash", value)


def _mailboxes(text: str) -> Iterator[Pair]:
    for found in _MAILBOXES.findall(text):
        value = canonical("mailbox", found)
        if value:
            yield "mailbox", value
            yield "domain", value.rpartition("@")[2]


def _files(text: str) -> Iterator[Pair]:
    path = text.strip().strip('"').lower()
    if not path or len(path) > MOST_CHARACTERS:
        return
    yield "file", path
    name = re.split(r"[\\/]", path)[-1]
    if name and name != path:
        yield "file", name


def _users(text: str) -> Iterator[Pair]:
    yield from _one("user", text)
    if "@" in text:
        yield from _mailboxes(text)


def _accounts(text: str) -> Iterator[Pair]:
    yield from _one("account", text)
    yield from _users(text)


def _services(text: str) -> Iterator[Pair]:
    yield from _one("service", text)


def _tasks(text: str) -> Iterator[Pair]:
    yield from _one("task", text)


def _fingerprints(text: str) -> Iterator[Pair]:
    yield from _one("fingerprint", text)


def _answers(text: str) -> Iterator[Pair]:
    for piece in _SEPARATED.split(text):
        yield from _domains(piece)


def _named(text: str) -> Iterator[Pair]:
    """Take apart an entity of an alert, `kind:value`."""
    kind, _, value = text.partition(":")
    if kind in _TAKEN and kind != "entity":
        yield from _TAKEN[kind][1](value)


_TAKEN: Mapping[str, tuple[frozenset[str], Callable[[str], Iterator[Pair]]]] = {
    "address": (frozenset({"address"}), _addresses),
    "domain": (frozenset({"address", "domain"}), _domains),
    "host": (frozenset({"host", "address", "domain"}), _hosts),
    "url": (frozenset({"url", "address", "domain"}), _urls),
    "hash": (frozenset({"hash"}), _hash_values),
    "mailbox": (frozenset({"mailbox", "domain"}), _mailboxes),
    "process": (frozenset({"file"}), _files),
    "file": (frozenset({"file"}), _files),
    "user": (frozenset({"user", "mailbox", "domain"}), _users),
    "account": (frozenset({"account", "user", "mailbox", "domain"}), _accounts),
    "answers": (frozenset({"address", "domain"}), _answers),
    "service": (frozenset({"service"}), _services),
    "task": (frozenset({"task"}), _tasks),
    "fingerprint": (frozenset({"fingerprint"}), _fingerprints),
    "entity": (frozenset({"address", "domain", "host", "url", "hash", "mailbox", "file", "user", "account", "service", "task"}), _named),
}
"""For each kind of text the kinds of observables it can hold, and how they are taken out of it."""

"""Records in JSON: by which members one source's are known, where the time and the host stand. Owns choosing them."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from watchkeeper.ingest.suggest.meanings import kind_of
from watchkeeper.ingest.suggest.parts import Fields, Parts, column, hosts_of, names_of, times_of
from watchkeeper.ingest.suggest.prose import inside
from watchkeeper.ingest.suggest.templates import escaped

ALWAYS = 0.99
_MOST_MARKS = 12
_MOST_IN_MARK = 4
_MOST_TELLING = 6
_MOSTLY = 0.6
_MOST_MOSTLY = 4
_LEAST_SHARE = 0.01
_MAX_VALUE_CHARS = 64
NAMES_SOURCE = frozenset(
    [
        "sourcetype",
        "product",
        "vendor",
        "service",
        "app",
        "application",
        "program",
        "logger",
        "module",
        "dataset",
        "provider",
        "logname",
        "deviceproduct",
    ]
)
"""What a member is called that names the product or a part of it."""
_SAYS_WHOSE = NAMES_SOURCE | frozenset(
    ["eventtype", "source", "component", "schema", "logtype", "recordtype", "eventsource", "eventkind", "devicevendor"]
)
_SAYS_WHOSE_OUTSIDE = frozenset({"type", "kind", "class", "category"})
_ANYBODYS = frozenset(
    [
        "id",
        "time",
        "timestamp",
        "ts",
        "date",
        "message",
        "msg",
        "level",
        "severity",
        "type",
        "name",
        "status",
        "user",
        "host",
        "hostname",
        "ip",
        "action",
        "event",
        "data",
        "version",
        "method",
        "path",
    ]
)
_UNITS: Mapping[int, str] = {10: "s", 13: "ms", 16: "us", 19: "ns"}


def marks_of(rows: Sequence[Fields]) -> list[dict[str, str]]:
    """Give sets of members by which the records are known: what is constant and says whose they are, and pairs of what they always have."""
    constant = _constant(rows)
    always = [name for name in names_of(rows) if _present(rows, name) >= ALWAYS * len(rows) and name not in constant]
    mostly = [name for name in names_of(rows) if _MOSTLY * len(rows) <= _present(rows, name) < ALWAYS * len(rows)]
    telling = _telling(always)[:_MOST_TELLING]
    marks = [constant | dict.fromkeys(telling[:1], "")] if constant else []
    marks += _pairs(telling)
    return [*(marks or _several(rows)), *_pairs(_telling(mostly)[:_MOST_MOSTLY])]


def _pairs(names: Sequence[str]) -> list[dict[str, str]]:
    """Pair members one after another; a pair whose first is anybody's says nothing."""
    return [{one: "", other: ""} for one, other in zip(names[::2], names[1::2], strict=False) if last_of(one) not in _ANYBODYS]


def _several(rows: Sequence[Fields]) -> list[dict[str, str]]:
    """Give a set for each kind of record, where no member stands in all of them."""
    kinds = Counter(tuple(sorted(row)) for row in rows)
    found: dict[tuple[str, ...], None] = {}
    for names, count in kinds.most_common(_MOST_MARKS):
        if count >= _LEAST_SHARE * len(rows):
            found[tuple(sorted(_telling(list(names))[:_MOST_IN_MARK]))] = None
    return [dict.fromkeys(names, "") for names in found if names]


def _telling(names: Sequence[str]) -> list[str]:
    """Put names first that few other sources have."""
    usable = [name for name in names if name and not name.startswith("_")] or list(names)
    return sorted(usable, key=lambda name: (last_of(name) in _ANYBODYS, name.count("."), -len(name), name))


def _constant(rows: Sequence[Fields]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names_of(rows):
        values = column(rows, name)
        known = last_of(name) in _SAYS_WHOSE or ("." not in name and last_of(name) in _SAYS_WHOSE_OUTSIDE)
        if known and len(values) >= ALWAYS * len(rows) and len(set(values)) == 1 and _is_word(values[0]):
            found[name] = f"^{escaped(values[0])}$"
    return dict(list(found.items())[:2])


def _is_word(value: str) -> bool:
    return (
        re.fullmatch(r"[A-Za-z][\w ./:,()-]*", value) is not None
        and len(value) <= _MAX_VALUE_CHARS
        and kind_of([value]) in {"", "domain", "path"}
    )


def _present(rows: Sequence[Fields], name: str) -> int:
    return sum(name in row for row in rows)


def last_of(name: str) -> str:
    """Give the last part of a dotted name, its letters in lower case."""
    return re.sub(r"[^a-z]", "", name.rpartition(".")[2].lower())


def record_times(rows: Sequence[Fields]) -> list[dict[str, str]]:
    """Find the members that are the time, as a record format writes them; a day and a clock that stand apart cannot be joined there."""
    return [_time(rows, one["text"].strip("{}"), one["format"]) for one in times_of(rows) if one["text"].count("{") == 1]


def _time(rows: Sequence[Fields], name: str, written: str) -> dict[str, str]:
    if written == "iso":
        return {"field": name}
    if written != "epoch":
        return {"field": name, "format": written}
    digits = Counter(len(value.partition(".")[0]) for value in column(rows, name)).most_common(1)[0][0]
    return {"field": name, "unit": _UNITS.get(digits, "s")}


def json_in(messages: Sequence[str], rows: Sequence[Fields], program: str) -> Parts:
    """Propose to read the JSON object in each message."""
    if program:
        recognise: dict[str, object] = {"programs": [program]}
    else:
        name = next(iter(marks_of(rows)[0]), "") if marks_of(rows) else ""
        before = r"^\s*" if all(text.lstrip().startswith("{") for text in messages) else ""
        recognise = {"message": rf'{before}\{{.*"{escaped(name.rpartition(".")[2])}"\s*:'}
    more, names = inside(rows, {name for row in rows for name in row})
    return Parts([recognise], [{"json": {}}, *more], names, times_of(rows), hosts_of(rows))

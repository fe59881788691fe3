"""Lines of named values and lines of columns. Owns finding separators, names and what such a line is recognised by."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from watchkeeper.ingest.pairs import pairs
from watchkeeper.ingest.suggest.meanings import kind_of, meaning
from watchkeeper.ingest.suggest.parts import Parts, column, empties_of, hosts_of, times_of
from watchkeeper.ingest.suggest.prose import inside
from watchkeeper.ingest.suggest.templates import Place, beginning, escaped, group_name, written
from watchkeeper.ingest.suggest.times import time_format
from watchkeeper.ingest.suggest.tokens import tokens
from watchkeeper.model.batch import Value

_ENOUGH = 0.9
_COVERS = 0.6
_FEWEST_PAIRS = 3
_FEWEST_COLUMNS = 4
_FEWEST_WITH_HEADER = 2
_MOST_COLUMNS = 256
_MOST_TRIED = 400
_ALWAYS = 0.98
_KEY = re.compile(r"[A-Za-z_@][\w.@-]{0,63}")
_SIGNS = ((" ", "="), (",", "="), (";", "="), ("|", "="), ("\t", "="), (",", ":"), ("|", ":"), (" ", ":"))
_SEPARATORS = ("\t", "|", ";", ",")
_MOST_IN_PATTERN = 16


class _Cut(NamedTuple):
    separator: str
    equals: str
    until_key: bool
    rows: list[dict[str, Value]]
    covers: float
    """Share of the text that is names and values."""


def pairs_in(messages: Sequence[str], program: str) -> Parts | None:
    """Propose to read key=value pairs, if that is what nearly all messages are made of."""
    tried = messages[:_MOST_TRIED]
    found = max(filter(None, (_cut(tried, separator, equals) for separator, equals in _SIGNS)), key=lambda cut: cut.covers, default=None)
    if found is None:
        return None
    step: dict[str, object] = {
        name: value for name, value in (("separator", found.separator), ("equals", found.equals)) if value not in {" ", "="}
    }
    if found.until_key:
        step["unquoted"] = "until_key"
    steps: list[dict[str, object]] = [{"pairs": step}]
    header = beginning([tokens(text) for text in tried])
    head = written(_before_key(header), set())
    times = times_of(found.rows)
    if head.times and not times and (known := time_format(head.times)):
        times = [{"text": "{_time}", "format": known}]
    if "(?P<" in head.pattern:
        steps.insert(0, {"patterns": [{"match": head.pattern}]})
    taken = {name for row in found.rows for name in row}
    more, names = inside(found.rows, taken)
    keys, telling = _by_keys(found, tried)
    recognise: list[dict[str, object]] = [{"programs": [program]}] if program else [{"message": keys}]
    return Parts(recognise, [*steps, *more], head.names | names, times, hosts_of(found.rows), general=not program and not telling)


def _cut(messages: Sequence[str], separator: str, equals: str) -> _Cut | None:
    plain = _tried(messages, separator, equals, until_key=False)
    if separator != " " or equals != "=":
        return plain
    longer = _tried(messages, separator, equals, until_key=True)
    return longer if longer is not None and (plain is None or longer.covers > plain.covers + 0.1) else plain


def _tried(messages: Sequence[str], separator: str, equals: str, *, until_key: bool) -> _Cut | None:
    cut = pairs(separator, equals, until_key=until_key)
    rows = [{name: value for name, value in cut(text).items() if _KEY.fullmatch(name)} for text in messages]
    good = [_covered(row, text) for row, text in zip(rows, messages, strict=True) if len(row) >= _FEWEST_PAIRS]
    if not messages or len([share for share in good if share >= _COVERS]) < _ENOUGH * len(messages):
        return None
    known = {name for name, count in Counter(name for row in rows for name in row).items() if count > 1 or len(rows) == 1}
    if len(known) < _FEWEST_PAIRS:
        return None
    return _Cut(separator, equals, until_key, rows, sum(good) / len(messages))


def _covered(row: dict[str, Value], text: str) -> float:
    values = sum(len(value) if isinstance(value, str) else sum(map(len, value)) for value in row.values())
    return (values + sum(len(name) + 2 for name in row)) / (len(text) + 1)


def _before_key(header: Sequence[Place]) -> Sequence[Place]:
    """Cut what all messages begin with before the first key."""
    signs = [at for at, place in enumerate(header) if place.kind == "sign" and place.text in {"=", ":"}]
    end = signs[0] - 1 if signs else len(header)
    kept = list(header[: max(0, end)])
    while kept and kept[-1].kind == "space":
        kept.pop()
    return kept


def _by_keys(found: _Cut, messages: Sequence[str]) -> tuple[str, bool]:
    """Recognise a line by keys that are always there, in their order where it is always the same, and say whether they are several."""
    counts = Counter(name for row in found.rows for name in row)
    always = [name for name, count in counts.items() if count >= _ALWAYS * len(found.rows)] or [counts.most_common(1)[0][0]]
    begins = "(?:^|[\\s,;|])"
    sign = rf"\s*{escaped(found.equals)}"
    ordered = sorted(always, key=messages[0].find)
    chosen = [ordered[0], *sorted(ordered[1:], key=len)[-2:]]
    chosen.sort(key=ordered.index)
    whole = begins + ".*[\\s,;|]".join(f"{escaped(name)}{sign}" for name in chosen)
    pattern = re.compile(whole)
    fits = sum(pattern.search(text[:4096]) is not None for text in messages)
    if fits >= _ALWAYS * len(messages):
        return whole, len(chosen) > 2
    return f"{begins}{escaped(max(always, key=len))}{sign}", False


def columns_in(messages: Sequence[str], program: str) -> Parts | None:
    """Propose to read columns, if nearly all lines have as many, and some of them hold values whose shape is known."""
    options = [found for separator in _SEPARATORS if (found := _table(messages[:_MOST_TRIED], separator)) is not None]
    if not options:
        return None
    separator, header, rows = max(options, key=lambda one: len(one[2][0]))
    named = _column_names(header, rows)
    dicts: list[dict[str, Value]] = [dict(zip(named, row, strict=True)) for row in rows]
    times = times_of(dicts)
    if (
        not times
        and not any(kind_of(column(dicts, name)) in {"address", "url", "email", "hash", "uuid", "mac"} for name in named)
        and not header
    ):
        return None
    step: dict[str, object] = {"names": named}
    if separator != ",":
        step["separator"] = separator
    recognise: dict[str, object] = {"programs": [program]} if program else {"message": _by_columns(rows, separator)}
    empty = empties_of([value for row in rows for value in row])
    more, names = inside(dicts, set(named))
    return Parts([recognise], [{"columns": step}, *more], names, times, hosts_of(dicts), empty)


def _table(messages: Sequence[str], separator: str) -> tuple[str, list[str], list[list[str]]] | None:
    """Give the header, if there is one, and the rows of nearly all lines."""
    rows = [_row(text, separator) for text in messages if not text.startswith("#")]
    widths = Counter(map(len, rows))
    if not widths:
        return None
    width, count = widths.most_common(1)[0]
    if not _FEWEST_WITH_HEADER <= width <= _MOST_COLUMNS or count < _ENOUGH * len(rows):
        return None
    whole = [row for row in rows if len(row) == width]
    told = next((text.lstrip("# ").partition(":")[2].split() for text in messages[:20] if text.startswith("#Fields")), list[str]())
    if len(told) == width:
        return separator, told, whole
    first = whole[0]
    is_header = len(whole) > 1 and len(set(first)) == width and all(re.fullmatch(r"[A-Za-z_][\w .()/#-]{0,63}", name) for name in first)
    if is_header and any(kind_of([row[at] for row in whole[1:]]) for at in range(width)):
        return separator, first, whole[1:]
    return (separator, [], whole) if width >= _FEWEST_COLUMNS else None


def _row(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, skipinitialspace=True), list[str]())
    except csv.Error:
        return text.split(separator)


def _column_names(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    used: set[str] = set()
    return [_unused(name, used) for name in _wanted(header, rows)]


def _wanted(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for at in range(len(rows[0])):
        values = [row[at] for row in rows if row[at]]
        if header:
            yield header[at].strip().replace(" ", "_") or f"column_{at + 1}"
        elif values and time_format(values):
            yield "time"
        else:
            yield meaning("", values).name or f"column_{at + 1}"


def _unused(name: str, used: set[str]) -> str:
    second = {"src_ip": "dst_ip", "src_mac": "dst_mac"}.get(name, name)
    found = name if name not in used else second
    number = 2
    while found in used or found in {"_", "message"}:
        found = f"{group_name(name) or 'column'}_{number}"
        number += 1
    used.add(found)
    return found


def _by_columns(rows: Sequence[Sequence[str]], separator: str) -> str:
    """Recognise a line by its number of columns and by what the first of them hold."""
    apart = escaped(separator) if separator != "\t" else r"\t"
    value = rf'(?:"[^"]*"|[^{apart}]*)'
    width = len(rows[0])
    parts: list[str] = []
    for at in range(min(width, _MOST_IN_PATTERN)):
        texts = Counter(row[at] for row in rows)
        parts.append(_typed([row[at] for row in rows], texts) or value)
    more = rf"(?:{apart}{value}){{{min(width - len(parts), 200)}}}" if width > len(parts) else ""
    return f"^{apart.join(parts)}{more}"


def _typed(values: Sequence[str], texts: Counter[str]) -> str:
    if len(texts) == 1 and re.fullmatch(r"[A-Za-z][\w .:-]{1,40}", values[0]):
        return f'"?{escaped(values[0])}"?'
    if all(re.fullmatch(r"\d{4}[-/]\d\d[-/]\d\d[T ].{0,40}", value) for value in values):
        return r'"?\d{4}[-/]\d\d[-/]\d\d[T ][^,;|\t]*'
    return ""

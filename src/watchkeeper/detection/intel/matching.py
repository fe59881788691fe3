"""Matching in the stream: batches in, signals of known values out. Owns what was seen already and the account of what did not count.

Each different text of a column is looked at once and remembered; memory is bounded by two generations of what was seen, the older of which
goes when the younger is full. The answer does not depend on it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

from watchkeeper.attack import technique
from watchkeeper.detection.entities import fields_needed
from watchkeeper.detection.intel.known import Known, Verdict
from watchkeeper.detection.intel.observables import fields_of, kinds_in, observables
from watchkeeper.detection.signals import MAX_VALUE_CHARACTERS, event_columns, signal_id
from watchkeeper.model.batch import Batch, Value
from watchkeeper.model.entity import EntityKind
from watchkeeper.model.signal import SIGNAL_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know neither lists nor scalars in these places
MOST_SEEN = 65_536
"""Different texts a generation."""
_LONGEST_SEEN = 2_048
_WORDS = {
    "address": "address", "domain": "domain", "url": "URL", "hash": "hash of a file", "mailbox": "mailbox", "file": "file", "user": "user",
    "host": "host", "account": "account",
}  # fmt: skip
_ENTITIES: Mapping[str, EntityKind] = {
    "address": "address", "domain": "domain", "url": "url", "hash": "hash", "mailbox": "mailbox", "file": "file", "user": "user",
    "host": "host", "account": "account",
}  # fmt: skip
_LEVELS = ((75, "high"), (40, "medium"), (10, "low"), (0, "informational"))
_MOST_TITLE = 120


class Seen:
    """Texts of one kind that were looked at: most of them are known to be nothing."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._young: dict[str, tuple[Verdict, ...]] = {}
        self._old: dict[str, tuple[Verdict, ...]] = {}

    def unknown(self, texts: Sequence[str | None]) -> list[str]:
        """Give those texts that were not seen."""
        young, old = self._young, self._old
        return [text for text in texts if text is not None and text not in young and text not in old]

    def remember(self, text: str, verdicts: tuple[Verdict, ...]) -> None:
        """Take in what a text comes to."""
        if len(self._young) >= MOST_SEEN:
            self._old, self._young = self._young, {}
        self._young[text] = verdicts

    def hits(self, texts: Sequence[str | None]) -> dict[str, tuple[Verdict, ...]]:
        """Give those of the texts that come to something."""
        young, old = self._young, self._old
        found = ((text, young.get(text) or old.get(text)) for text in texts if text is not None)
        return {text: verdicts for text, verdicts in found if verdicts}


@dataclass(frozen=True, slots=True)
class _Found:
    """A value with indicators in one field of an event."""

    index: int
    field: str
    text: str
    verdict: Verdict


class Matcher:
    """Compares the observables of batches with what is known."""

    def __init__(self, known: Sequence[Known]) -> None:
        """Take what is known, such as installed intelligence and the organisation's watchlists."""
        self._known = known
        self._seen: list[dict[str, Seen]] = [{} for _ in known]
        self._suppressed: Counter[tuple[str, str]] = Counter()

    @property
    def unraised(self) -> tuple[str, ...]:
        """Matches that were not raised, a sentence for each reason and value, the most frequent first."""
        by_list: dict[str, list[tuple[str, int]]] = {}
        for (name, value), count in self._suppressed.most_common():
            by_list.setdefault(name, []).append((value, count))
        return tuple(_said(name, values) for name, values in by_list.items())

    def signals(self, batch: Batch) -> pa.Table:
        """Give the signals of a batch (`SIGNAL_SCHEMA`), in the order of its events."""
        tables = [self._signals(batch, known, seen) for known, seen in zip(self._known, self._seen, strict=True)]
        return pa.concat_tables([SIGNAL_SCHEMA.empty_table(), *tables])

    def hand_over(self) -> tuple[tuple[str, str, int], ...]:
        """Give the account of what did not count, and forget it."""
        account = tuple((name, value, count) for (name, value), count in self._suppressed.items())
        self._suppressed.clear()
        return account

    def take_over(self, account: Sequence[tuple[str, str, int]]) -> None:
        """Take in the account of another matcher."""
        for name, value, count in account:
            self._suppressed[name, value] += count

    def _signals(self, batch: Batch, known: Known, seen: dict[str, Seen]) -> pa.Table:
        found = list(self._found(batch, known, seen))
        if not found:
            return SIGNAL_SCHEMA.empty_table()
        places = sorted({one.index for one in found})
        moments = cast("list[datetime | None]", batch.table.column("_time").take(pa.array(places, pa.int64())).to_pylist())
        times = dict(zip(places, moments, strict=True))
        counting: dict[tuple[int, int], list[_Found]] = {}
        others: dict[tuple[int, int], tuple[int, ...]] = {}
        for one in sorted(found, key=lambda one: one.index):
            for suppressed in one.verdict.suppressed:
                self._suppressed[suppressed.because.list_name, one.verdict.pair[1]] += 1
            rows = known.at(one.verdict.rows, times[one.index])
            if rows:
                counting.setdefault((one.index, rows[0]), []).append(one)
                others[one.index, rows[0]] = rows[1:]
            elif one.verdict.rows:
                self._suppressed[_EXPIRED, one.verdict.pair[1]] += 1
        return _table(batch, known, counting, others)

    def _found(self, batch: Batch, known: Known, seen: dict[str, Seen]) -> Iterator[_Found]:
        names = batch.table.column_names
        for field, text_kind in fields_of(batch.logsource).items():
            if field in names and kinds_in(text_kind) & known.lookup.kinds:
                column = batch.table.column(field)
                flat = column if pa.types.is_string(column.type) else pc.list_flatten(column)
                texts = cast("list[str | None]", flat.unique().to_pylist())
                hits = _hits(known, seen.setdefault(text_kind, Seen()), text_kind, texts)
                if hits:
                    yield from _placed(field, column, hits)


_EXPIRED = "an indicator's own expiry"


def _hits(known: Known, seen: Seen, text_kind: str, texts: Sequence[str | None]) -> dict[str, tuple[Verdict, ...]]:
    new = seen.unknown(texts)
    if not new:
        return seen.hits(texts)
    pairs = [(place, pair) for place, text in enumerate(new) for pair in observables(text_kind, text)]
    by_text: dict[int, list[Verdict]] = {}
    for (place, _), verdict in zip(pairs, known.verdicts([pair for _, pair in pairs]), strict=True):
        if verdict is not None:
            by_text.setdefault(place, []).append(verdict)
    hits = {new[place]: tuple(verdicts) for place, verdicts in by_text.items()} | seen.hits(texts)
    for place, text in enumerate(new):
        if len(text) <= _LONGEST_SEEN:
            seen.remember(text, tuple(by_text.get(place, ())))
    return hits


def _placed(field: str, column: Any, hits: Mapping[str, tuple[Verdict, ...]]) -> Iterator[_Found]:
    indices, values = range(len(column)), column
    if pa.types.is_string(column.type):
        indices = pc.indices_nonzero(pc.is_in(column, value_set=pa.array(list(hits), pa.string())))
        values = column.take(indices)
        indices = cast("list[int]", indices.to_pylist())
    for index, value in zip(indices, cast("list[Value | None]", values.to_pylist()), strict=True):
        for text in () if value is None else (value,) if isinstance(value, str) else value:
            yield from (_Found(index, field, text, verdict) for verdict in hits.get(text, ()))


def _table(
    batch: Batch, known: Known, counting: Mapping[tuple[int, int], Sequence[_Found]], others: Mapping[tuple[int, int], Sequence[int]]
) -> pa.Table:
    if not counting:
        return SIGNAL_SCHEMA.empty_table()
    indices = [index for index, _ in counting]
    natives = _natives(batch, indices)
    wanted = {row for rows in others.values() for row in rows} | {row for _, row in counting}
    told = {row: known.lookup.row(row) for row in wanted}
    indicators = [told[row] for _, row in counting]
    events = event_columns(batch, indices, natives)
    rules = [rule_of(one) for one in indicators]
    found = list(counting.values())
    named = [cast("list[dict[str, str]]", entities) for entities in cast("list[object]", events["entities"])]
    columns: dict[str, Any] = events | {
        "id": [signal_id(rule, event) for rule, event in zip(rules, cast("list[str]", events["event_id"]), strict=True)],
        "rule": rules,
        "title": [
            ("On a watchlist: " if known.always else "Known by intelligence: ")
            + _title(one, matched[0].verdict.pair, [told[row] for row in others[key]])
            for one, matched, key in zip(indicators, found, counting, strict=True)
        ],
        "level": [one["level"] or _level(one["confidence"]) for one in indicators],
        "detector": ["intel"] * len(rules),
        "techniques": [one["techniques"] for one in indicators],
        "tactics": [_tactics(one["techniques"]) for one in indicators],
        "entities": [_with_matched(entities, matched) for entities, matched in zip(named, found, strict=True)],
        "matches": [_matches(matched) for matched in found],
    }
    return pa.Table.from_pydict(columns, schema=SIGNAL_SCHEMA)


def _natives(batch: Batch, indices: Sequence[int]) -> list[Mapping[str, Value]]:
    """Give, of the events at some places, the fields that name something; taking all of a wide table would cost more than the rest."""
    needed = fields_needed(batch.logsource) | {"synthetic"}
    names = [name for name in batch.table.column_names if name in needed]
    return list(Batch(batch.logsource, batch.table.select(["_id", *names]).take(pa.array(indices, pa.int64()))).rows())


def rule_of(indicator: Mapping[str, Any]) -> str:
    """Name an indicator as the rule of its signals: its source and its id."""
    return f"{indicator['source']}/{indicator['id']}"


def _title(indicator: Mapping[str, Any], pair: tuple[str, str], others: Sequence[Mapping[str, Any]]) -> str:
    kind, value = indicator["kind"], indicator["value"]
    word = "network" if kind == "network" else _WORDS[pair[0]]
    labels = ", ".join(indicator["labels"][:2])
    sources = ", ".join(dict.fromkeys(one["source"] for one in (indicator, *others)))
    named = f"{word} {value[:_MOST_TITLE]}" + (f" ({labels[:_MOST_TITLE]})" if labels else "")
    return f"{named}, says {sources}"


def _level(confidence: int) -> str:
    return next(level for least, level in _LEVELS if confidence >= least)


def _tactics(techniques: Sequence[str]) -> list[str]:
    known = (technique(name) for name in techniques)
    return list(dict.fromkeys(tactic for one in known if one is not None for tactic in one.tactics))


def _with_matched(entities: list[dict[str, str]], found: Sequence[_Found]) -> list[dict[str, str]]:
    matched = [{"kind": _ENTITIES[one.verdict.pair[0]], "value": one.verdict.pair[1]} for one in found]
    return [*entities, *(one for place, one in enumerate(matched) if one not in entities and one not in matched[:place])]


def _matches(found: Sequence[_Found]) -> list[dict[str, str]]:
    pairs = dict.fromkeys((one.field, one.text[:MAX_VALUE_CHARACTERS]) for one in found)
    return [{"field": field, "value": value} for field, value in pairs]


def _said(name: str, values: Sequence[tuple[str, int]]) -> str:
    total = sum(count for _, count in values)
    shown = ", ".join(f"{value[:100]} ({count:,})" for value, count in values[:3]) + (", …" if len(values) > 3 else "")
    return (
        f"intelligence: {total:,} matches of {len(values):,} values were not raised because of {name}: {shown}; "
        "`watchkeeper intel check VALUE` says why"
    )

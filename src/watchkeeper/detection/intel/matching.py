"""Matching in the stream: batches in, what is known of their values out. Owns what was seen already and the account of what did not count.

Each different text of a column is looked at once and remembered; memory is bounded by two generations of what was seen, the older of which
goes when the younger is full. The answer does not depend on it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from watchkeeper.detection.intel.known import Known, Verdict
from watchkeeper.detection.intel.observables import columns_of, kinds_in, observables
from watchkeeper.detection.intel.telling import Found, Told, enriched, told_signals
from watchkeeper.model.batch import Batch, Value
from watchkeeper.model.signal import SIGNAL_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know neither lists nor scalars in these places
MOST_SEEN = 65_536
"""Different texts a generation."""
_LONGEST_SEEN = 2_048


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

    def suspects(self, columns: Iterable[tuple[str, Any]], rows: int) -> NDArray[np.bool_]:
        """Say of each row whether one of its values comes to anything; `columns` are texts, or lists of them, with the kind of text.

        Whether it counts is settled on the event itself: this only spares those of which nothing is known.
        """
        found = np.zeros(rows, np.bool_)
        for text_kind, column in columns:
            texts = cast("list[str | None]", (column if pa.types.is_string(column.type) else pc.list_flatten(column)).unique().to_pylist())
            for known, seen in zip(self._known, self._seen, strict=True):
                if kinds_in(text_kind) & known.lookup.kinds:
                    hits = _hits(known, seen.setdefault(text_kind, Seen()), text_kind, texts)
                    if hits:
                        found |= _rows_with(column, hits)
        return found

    def signals(self, batch: Batch) -> pa.Table:
        """Give the signals of a batch of events (`SIGNAL_SCHEMA`), in the order of its events."""
        return self._signals(batch, list(zip(self._known, self._seen, strict=True)))

    def told_alerts(self, batch: Batch, alerts: pa.Table) -> pa.Table:
        """Give the signals of a batch of alerts, one an alert in the order of the batch, with what is known of the values they name.

        What is followed of an earlier incident makes signals of its own after them: they re-open it, whatever becomes of the alerts.
        """
        both = list(zip(self._known, self._seen, strict=True))
        told = [one for known, seen in both if not known.follows for one in self._told(batch, known, seen)]
        return pa.concat_tables([enriched(alerts, told), self._signals(batch, [one for one in both if one[0].follows])])

    def _signals(self, batch: Batch, of: Sequence[tuple[Known, dict[str, Seen]]]) -> pa.Table:
        tables = [told_signals(batch, self._told(batch, known, seen)) for known, seen in of]
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

    def _told(self, batch: Batch, known: Known, seen: dict[str, Seen]) -> list[Told]:
        """Give what counts of what is known of a batch's values, by event, and count what does not."""
        found = sorted(self._found(batch, known, seen), key=lambda one: one.index)
        places = list(dict.fromkeys(one.index for one in found))
        moments = cast("list[datetime | None]", batch.table.column("_time").take(pa.array(places, pa.int64())).to_pylist())
        times = dict(zip(places, moments, strict=True))
        counting: dict[tuple[int, int], list[Found]] = {}
        others: dict[tuple[int, int], tuple[int, ...]] = {}
        for one in found:
            for suppressed in one.verdict.suppressed:
                self._suppressed[suppressed.because.list_name, one.verdict.pair[1]] += 1
            rows = known.at(one.verdict.rows, times[one.index])
            if rows:
                counting.setdefault((one.index, rows[0]), []).append(one)
                others[one.index, rows[0]] = rows[1:]
            elif one.verdict.rows:
                self._suppressed[_EXPIRED, one.verdict.pair[1]] += 1
        told = {row: known.lookup.row(row) for _, row in counting} | {
            row: known.lookup.row(row) for rows in others.values() for row in rows
        }
        return [
            Told(index, told[row], [told[other] for other in others[index, row]], ones, known.always, known.follows)
            for (index, row), ones in counting.items()
        ]

    def _found(self, batch: Batch, known: Known, seen: dict[str, Seen]) -> Iterator[Found]:
        for fields, text_kind, column in columns_of(batch):
            if kinds_in(text_kind) & known.lookup.kinds:
                flat = column if pa.types.is_string(column.type) else pc.list_flatten(column)
                texts = cast("list[str | None]", flat.unique().to_pylist())
                hits = _hits(known, seen.setdefault(text_kind, Seen()), text_kind, texts)
                if hits:
                    yield from _placed(batch, fields, column, hits)


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


def _placed(batch: Batch, fields: Sequence[str], column: Any, hits: Mapping[str, tuple[Verdict, ...]]) -> Iterator[Found]:
    indices, values = range(len(column)), column
    if pa.types.is_string(column.type):
        indices = pc.indices_nonzero(pc.is_in(column, value_set=pa.array(list(hits), pa.string())))
        values = column.take(indices)
        indices = cast("list[int]", indices.to_pylist())
    for index, value in zip(indices, cast("list[Value | None]", values.to_pylist()), strict=True):
        for text in () if value is None else (value,) if isinstance(value, str) else value:
            if text in hits:
                stands = ((fields[0], text),) if len(fields) == 1 else _parts(batch, fields, index)
                yield from (Found(index, stands, verdict) for verdict in hits[text])


def _rows_with(column: Any, hits: Mapping[str, object]) -> NDArray[np.bool_]:
    """Say of each row whether a text of its is among these."""
    wanted = pa.array(list(hits), pa.string())
    if pa.types.is_string(column.type):
        return cast("NDArray[np.bool_]", pc.is_in(column, value_set=wanted).to_numpy(zero_copy_only=False))
    flat = pc.is_in(pc.list_flatten(column), value_set=wanted).to_numpy(zero_copy_only=False)
    found = np.zeros(len(column), np.bool_)
    found[pc.list_parent_indices(column).to_numpy(zero_copy_only=False)[flat]] = True
    return found


def _parts(batch: Batch, fields: Sequence[str], index: int) -> tuple[tuple[str, str], ...]:
    """Give the native fields that were joined, with their values."""
    found = ((field, cast("Value | None", batch.table.column(field)[index].as_py())) for field in fields)
    return tuple((field, value if isinstance(value, str) else ", ".join(value)) for field, value in found if value is not None)


def _said(name: str, values: Sequence[tuple[str, int]]) -> str:
    total = sum(count for _, count in values)
    shown = ", ".join(f"{value[:100]} ({count:,})" for value, count in values[:3]) + (", …" if len(values) > 3 else "")
    return (
        f"intelligence: {total:,} matches of {len(values):,} values were not raised because of {name}: {shown}; "
        "`watchkeeper intel check VALUE` says why"
    )

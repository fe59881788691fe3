"""Alerts in columns: what a mapping makes of thousands at once. Owns that each different value is worked out once.

What one alert's values mean stands in `alert_signals`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute

from watchkeeper.ingest.alert_mapping import AlertMapping
from watchkeeper.ingest.alert_signals import NO_RULE, Fields, Signal, asked_fields, signal_maker, time_reader
from watchkeeper.ingest.batching import MAX_COLUMNS, texts
from watchkeeper.ingest.csv_records import joined
from watchkeeper.ingest.reader import Columns
from watchkeeper.model.alike import alike
from watchkeeper.model.batch import RESERVED
from watchkeeper.model.logsource import LogSource

pc: Any = pyarrow.compute  # its shipped types know neither scalars nor chunked arrays in these places
_SIGNAL = "signal."
_TIME = cast("Any", RESERVED.field("_time")).type
_Column = Any
_T = TypeVar("_T")


def fits_columns(names: Sequence[str]) -> bool:
    """Say whether columns of these names can be taken as they are: each once, none in the place of one of ours, not too many."""
    ours = any(name.startswith(("_", _SIGNAL)) for name in names)
    return bool(names) and not ours and len(set(names)) == len(names) and len(names) <= MAX_COLUMNS // 2


def column_maker(mapping: AlertMapping, delimiter: str) -> Callable[[Mapping[str, _Column]], Columns]:
    """Give the function from cells, a column of text for each name with null for an empty one, to alerts."""
    logsource = LogSource(product=mapping.name, service="alerts")
    time, signal_of = time_reader(mapping.time), signal_maker(mapping)
    time_names, signal_names = [option.field for option in mapping.time], asked_fields(mapping)

    def make(cells: Mapping[str, _Column]) -> Columns:
        signals, which = _each(cells, signal_names, signal_of)
        times, when = _each(cells, time_names, time)
        moments = cast("Any", pa.array(times, _TIME))
        found = {**cells, **_signal_columns(signals, which)}
        count = len(which)
        columns = Columns(
            logsource=logsource,
            records=count,
            places=np.arange(count),
            times=moments.take(when),
            hosts=texts([signal.host for signal in signals]).take(which),
            fields={name: column for name, column in found.items() if column.null_count < count},
            raw=_raw(list(cells.values()), delimiter),
        )
        named = np.array([bool(signal.fields) for signal in signals], bool)[which]
        return columns if named.all() else columns.only(named, NO_RULE.reason)

    return make


def _each(cells: Mapping[str, _Column], names: Sequence[str], make: Callable[[Fields], _T]) -> tuple[list[_T], _Column]:
    """Make something of the values of these columns, once for each different row of them; give what was made, and which is each row's."""
    present = {name: cells[name] for name in names if name in cells}
    which, first = alike(list(present.values()), len(next(iter(cells.values()))))
    values = [cast("list[str | None]", column.take(first).to_pylist()) for column in present.values()]
    rows = zip(*values, strict=True) if values else [()] * len(first)
    return [make({name: value for name, value in zip(present, row, strict=True) if value is not None}) for row in rows], which


def _signal_columns(signals: Sequence[Signal], which: Any) -> Mapping[str, _Column]:
    names = dict.fromkeys(name for signal in signals for name in signal.fields)
    return {name: texts([signal.fields.get(name) for signal in signals]).take(which) for name in names}


def _raw(columns: Sequence[_Column], delimiter: str) -> _Column:
    """Write each row's cells as one line of CSV, quoted only where that is needed."""
    lines = pc.binary_join_element_wise(*columns, delimiter, null_handling="replace", null_replacement="")
    doubtful = pc.not_equal(pc.count_substring(lines, delimiter), len(columns) - 1)
    for mark in ('"', "\n", "\r"):
        doubtful = pc.or_(doubtful, pc.match_substring(lines, mark))
    if not doubtful.true_count:
        return lines
    cells = zip(*(pc.fill_null(column.filter(doubtful), "").to_pylist() for column in columns), strict=True)
    return pc.replace_with_mask(lines, doubtful, pa.array([joined(list(row), delimiter) for row in cells], pa.string()))

"""Native fields as JSON, a whole batch at a time. Owns the text, which is what msgspec writes of each row."""

from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute

from watchkeeper.model.batch import Batch

pc: Any = pyarrow.compute  # its shipped types know no scalars in these places
_NOT_PLAIN = r'[\x00-\x1f"\\]'
_encode = msgspec.json.Encoder().encode


def as_json(batch: Batch) -> Any:
    """Give one JSON object a row, as an Arrow array of text: its native fields without those it lacks, in the order of the columns."""
    names = [name for name in batch.table.column_names if not name.startswith("_")]
    members = [_member(name, batch.table.column(name).combine_chunks()) for name in names]
    if not members:
        return pa.repeat(pa.scalar("{}"), batch.table.num_rows)
    opened = pc.binary_replace_slice(pc.binary_join_element_wise(*members, "", null_handling="replace"), 0, 1, "{")  # for the first comma
    return pc.binary_join_element_wise(opened, "}", "")


def _member(name: str, column: Any) -> Any:
    values = _list(column) if pa.types.is_list(column.type) else _text(column)
    return pc.binary_join_element_wise(f",{_encode(name).decode()}:", values, "")


def _text(column: Any) -> Any:
    """Put texts between quotes; those in which something must be escaped are written one by one."""
    quoted = pc.binary_join_element_wise('"', column, '"', "")
    escaped = pc.fill_null(pc.match_substring_regex(column, _NOT_PLAIN), fill_value=False)
    if not escaped.true_count:
        return quoted
    texts = [_encode(text).decode() for text in column.filter(escaped).to_pylist()]
    return pc.replace_with_mask(quoted, escaped, pa.array(texts, pa.string()))


def _list(column: Any) -> Any:
    lengths = pc.list_value_length(column)
    offsets = pa.array(pc.cumulative_sum(pc.fill_null(lengths, 0)))
    texts = pa.ListArray.from_arrays(pa.concat_arrays([pa.array([0], offsets.type), offsets]), _text(pc.list_flatten(column)))
    inside = pc.binary_join(texts, ",")
    return pc.if_else(lengths.is_valid(), pc.binary_join_element_wise("[", inside, "]", ""), None)

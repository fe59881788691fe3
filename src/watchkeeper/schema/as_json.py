"""Native fields as JSON, a whole batch at a time. Owns the text, which is what msgspec writes of each row."""

from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute

from watchkeeper.model.batch import Batch

pc: Any = pyarrow.compute  # its shipped types know no scalars in these places
_NOT_PLAIN = r'[\x00-\x1f"\\]'
_encode = msgspec.json.Encoder().encode
# made once: each text that becomes a scalar costs a search for modules that are not there
_NOTHING, _COMMA, _QUOTE, _OPEN, _CLOSE, _END = (pa.scalar(text) for text in ("", ",", '"', "[", "]", "}"))


def as_json(batch: Batch) -> Any:
    """Give one JSON object a row, as an Arrow array of text: its native fields without those it lacks, in the order of the columns."""
    names = [name for name in batch.table.column_names if not name.startswith("_")]
    members = [_member(name, batch.table.column(name).combine_chunks()) for name in names]
    if not members:
        return pa.repeat(pa.scalar("{}"), batch.table.num_rows)
    opened = pc.binary_replace_slice(
        pc.binary_join_element_wise(*members, _NOTHING, null_handling="replace"), 0, 1, "{"
    )  # for the first comma
    return pc.binary_join_element_wise(opened, _END, _NOTHING)


def _member(name: str, column: Any) -> Any:
    values = _list(column) if pa.types.is_list(column.type) else _text(column)
    return pc.binary_join_element_wise(_key(name), values, _NOTHING)


@lru_cache(maxsize=4_096)
def _key(name: str) -> Any:
    return pa.scalar(f",{_encode(name).decode()}:")


def _text(column: Any) -> Any:
    """Put texts between quotes; those in which something must be escaped are written one by one."""
    quoted = pc.binary_join_element_wise(_QUOTE, column, _QUOTE, _NOTHING)
    escaped = pc.fill_null(pc.match_substring_regex(column, _NOT_PLAIN), fill_value=False)
    if not escaped.true_count:
        return quoted
    texts = [_encode(text).decode() for text in column.filter(escaped).to_pylist()]
    return pc.replace_with_mask(quoted, escaped, pa.array(texts, pa.string()))


def _list(column: Any) -> Any:
    lengths = pc.list_value_length(column)
    ends = pc.cumulative_sum(pc.fill_null(lengths, 0))
    offsets: Any = np.concatenate([[0], ends.to_numpy(zero_copy_only=False)]).astype(np.int32)
    texts = pa.ListArray.from_arrays(offsets, _text(pc.list_flatten(column)))
    inside = pc.binary_join(texts, _COMMA)
    return pc.if_else(lengths.is_valid(), pc.binary_join_element_wise(_OPEN, inside, _CLOSE, _NOTHING), None)

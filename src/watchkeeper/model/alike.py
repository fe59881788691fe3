"""Alike: rows of columns that have the same values, so that what depends on them is worked out once. Owns no meaning."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute

pc: Any = pyarrow.compute  # its shipped types know no lists in these places
_MOST_CODES = 1 << 40


class Alike(NamedTuple):
    """Which rows are alike."""

    which: Any
    """Arrow array: for each row the number of what it is, numbered in the order of first appearance."""
    first: Any
    """Arrow array: for each number the first row that is it."""


def alike(columns: Sequence[Any], rows: int) -> Alike:
    """Find out which rows have the same values in all of these columns; a null is a value of its own.

    Columns are Arrow arrays of text, of lists of text, or of lists of structs of text.
    """
    encoded = cast("Any", pa.array(_codes(columns, rows))).dictionary_encode()
    which = encoded.indices.to_numpy()
    first = np.empty(len(encoded.dictionary), np.int64)
    first[which[::-1]] = np.arange(rows)[::-1]
    return Alike(encoded.indices, pa.array(first))


def _codes(columns: Sequence[Any], rows: int) -> Any:
    codes, most = np.zeros(rows, np.int64), 1
    for column in columns:
        texts = _joined(column) if pa.types.is_list(column.type) else column
        encoded = texts.dictionary_encode(null_encoding="encode")
        if most * len(encoded.dictionary) > _MOST_CODES:
            again = cast("Any", pa.array(codes)).dictionary_encode()
            codes, most = again.indices.to_numpy().astype(np.int64), len(again.dictionary)
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy()
        most *= len(encoded.dictionary)
    return codes


def _joined(lists: Any) -> Any:
    """Write each list as one text; the length before each value keeps what is different apart, whatever values hold."""
    flat = pc.list_flatten(lists)
    parts = flat.flatten() if pa.types.is_struct(flat.type) else [flat]
    sized = [part for text in parts for part in (pc.binary_length(text).cast(pa.string()), text)]
    joined = pc.binary_join_element_wise(*sized, ":", null_handling="replace", null_replacement="-")
    lengths = pc.list_value_length(lists)
    ends = pc.cumulative_sum(pc.fill_null(lengths, 0))
    offsets: Any = np.concatenate([[0], ends.to_numpy(zero_copy_only=False)]).astype(np.int32)
    return pc.if_else(lengths.is_valid(), pc.binary_join(pa.ListArray.from_arrays(offsets, joined), ","), None)

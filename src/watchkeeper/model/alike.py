"""Alike: rows of columns that have the same values, so that what depends on them is worked out once. Owns no meaning."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa

_MOST_CODES = 1 << 40


class Alike(NamedTuple):
    """Which rows are alike."""

    which: Any
    """Arrow array: for each row the number of what it is, numbered in the order of first appearance."""
    first: Any
    """Arrow array: for each number the first row that is it."""


def alike(columns: Sequence[Any], rows: int) -> Alike:
    """Find out which rows have the same values in all of these columns, Arrow arrays of text; a null is a value of its own."""
    encoded = cast("Any", pa.array(_codes(columns, rows))).dictionary_encode()
    which = encoded.indices.to_numpy()
    first = np.empty(len(encoded.dictionary), np.int64)
    first[which[::-1]] = np.arange(rows)[::-1]
    return Alike(encoded.indices, pa.array(first))


def _codes(columns: Sequence[Any], rows: int) -> Any:
    codes, most = np.zeros(rows, np.int64), 1
    for column in columns:
        encoded = column.dictionary_encode(null_encoding="encode")
        if most * len(encoded.dictionary) > _MOST_CODES:
            again = cast("Any", pa.array(codes)).dictionary_encode()
            codes, most = again.indices.to_numpy().astype(np.int64), len(again.dictionary)
        codes = codes * len(encoded.dictionary) + encoded.indices.to_numpy()
        most *= len(encoded.dictionary)
    return codes

"""Hashes of a file are written as the schema reads them."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.hot import kernels_members as kernels
from watchkeeper.jsonlines.kernels_text import GIVEN, UNSURE
from watchkeeper.schema.reading import given as said
from watchkeeper.schema.spec import Step

U = np.uint64


@given(st.text(alphabet="aB=, 1é", max_size=20), st.booleans())
def test_hashes_are_what_the_schema_says(text: str, several: bool) -> None:
    raw = text.encode()
    held, out = np.full(len(raw) + 128, 65, np.uint8), np.zeros(256, np.uint8)
    held[: len(raw)] = np.frombuffer(raw, np.uint8)
    ends = np.zeros(64, np.int32)
    kernel = cast("Callable[..., Any]", kernels.digests)
    became, count = kernel(U(held.ctypes.data), U(len(raw)), several, U(out.ctypes.data), U(192), ends, 0, 0)
    found = [out[ends[one] : ends[one + 1]].tobytes().decode() for one in range(count)]
    step = Step(transforms=("split_comma", "hash") if several else ("hash",))
    wanted = list(dict.fromkeys(one.lower() for one in said(step, "file.hashes.value", text)))
    assert became == UNSURE if not text.isascii() else (found == wanted and (became == GIVEN) == bool(wanted))


def test_no_room_is_said() -> None:
    held, out = np.full(192, 65, np.uint8), np.zeros(256, np.uint8)
    kernel = cast("Callable[..., Any]", kernels.digests)
    assert kernel(U(held.ctypes.data), U(40), False, U(out.ctypes.data), U(32), np.zeros(9, np.int32), 0, 0) == (kernels.NO_SPACE, 0)

"""Texts, numbers and times within JSON are read as Python reads them, or left."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.timestamps import from_iso
from watchkeeper.jsonlines import kernels_text as kernels
from watchkeeper.schema.transforms import TRANSFORMS

U = np.uint64
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _given(kernel: Any, raw: bytes) -> Any:
    """Ask a kernel about bytes between others."""
    held = np.full(len(raw) + 192, 65, np.uint8)
    held[64 : 64 + len(raw)] = np.frombuffer(raw, np.uint8)
    return cast("Callable[..., Any]", kernel)(U(held.ctypes.data + 64), U(len(raw)))


def _unescaped(raw: bytes) -> bytes | None:
    held, out = np.full(len(raw) + 192, 65, np.uint8), np.full(len(raw) + 192, 7, np.uint8)
    held[64 : 64 + len(raw)] = np.frombuffer(raw, np.uint8)
    size = cast("Callable[..., int]", kernels.unescape)(U(out.ctypes.data), U(held.ctypes.data + 64), U(len(raw)))
    assert (out[len(raw) + 64 :] == 7).all()
    return None if size < 0 else out[:size].tobytes()


@given(st.text(max_size=90), st.booleans())
def test_a_text_loses_its_escapes(text: str, plain: bool) -> None:
    assert _unescaped(json.dumps(text, ensure_ascii=plain)[1:-1].encode(errors="replace")) == text.encode(errors="replace")


@pytest.mark.parametrize("raw", [b"\\ud800", b"\\udc00x", b"\\ud83dx", b"\\", b"\\u12", b"\\x", b"a" * 63 + b"\\"])
def test_what_is_no_text_is_left(raw: bytes) -> None:
    assert _unescaped(raw) is None


@given(
    st.binary(max_size=12)
    | st.text(max_size=5).map(str.encode)
    | st.sampled_from([b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80", b"\xe0\x80\x80"])
)
def test_utf_8_is_what_python_takes(raw: bytes) -> None:
    try:
        raw.decode()
        is_utf8 = True
    except UnicodeDecodeError:
        is_utf8 = False
    assert _given(kernels.is_utf8, raw) == is_utf8
    assert _given(kernels.is_ascii, raw) == raw.isascii()


@given(st.from_regex(r"-?[0-9]{0,20}(\.[0-9]{0,14})?|0[xX][0-9a-fG]{0,17}|[0-9a-z. \-]{0,6}", fullmatch=True) | st.text(max_size=4))
def test_whole_numbers_are_those_of_the_schema(text: str) -> None:
    became, number = _given(kernels.integer, text.encode(errors="replace"))
    wanted = TRANSFORMS["integer"](text)
    if became == kernels.UNSURE:
        assert not text.isascii() or "\\" in text
    else:
        assert (became == kernels.GIVEN) == (wanted is not None)
        assert wanted is None or number == int(wanted)


@given(
    st.datetimes(datetime(1000, 1, 2), datetime(8999, 1, 1)),  # noqa: DTZ001 -- the offset is written behind it
    st.sampled_from(["", "Z", "+02:00", "-11:30", "+0200", "z", "+24:00"]),
    st.sampled_from(["", ".1", ".123", ".1234567", ".", ".12x", ",5"]),
    st.sampled_from("T t_"),
)
def test_times_are_those_of_python(moment: datetime, offset: str, fraction: str, between: str) -> None:
    text = f"{moment:%Y-%m-%d}{between}{moment:%H:%M:%S}{fraction}{offset}"
    taken, micros = _given(kernels.moment, text.encode())
    if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):\d\d)?", text):
        assert taken
    if taken:
        assert EPOCH + timedelta(microseconds=micros) == from_iso(text)


@pytest.mark.parametrize(
    "text", ["2020-02-30T00:00:00Z", "2021-02-29 00:00:00", "2020-01-01T24:00:00Z", "2020-00-01T00:00:00", "2020-01-01", ""]
)
def test_what_is_no_time_is_left(text: str) -> None:
    assert not _given(kernels.moment, text.encode())[0]


@given(st.from_regex(r"[0-9.]{0,16}|([0-9]{1,3}\.){3}[0-9]{1,3}", fullmatch=True))
def test_plain_addresses_are_written_as_the_schema_writes_them(text: str) -> None:
    assert bool(_given(kernels.is_plain_ipv4, text.encode())) == (TRANSFORMS["address"](text) == text != "")


@given(st.text(alphabet="ab\\\n/é", max_size=8))
def test_an_account_begins_behind_its_domain(text: str) -> None:
    raw = json.dumps(text, ensure_ascii=False)[1:-1].encode()
    start = _given(kernels.account_start, raw)
    if start >= 0:
        assert _unescaped(raw[start:]) == (TRANSFORMS["account"](text) or "").encode()

"""ModSecurity's audit log in sections: cut off, forged, and endless."""

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest import who_reads
from watchkeeper.ingest.modsecurity_serial import MAX_CHARS, modsecurity_serial
from watchkeeper.ingest.reader import Row, Skipped

CASES = Path(__file__).parents[1] / "cases" / "ingest" / "modsecurity_serial"
CUT_OFF = "ModSecurity transaction that is cut off"


def _transaction(boundary: str, identity: str, body: str = "") -> str:
    header = f"[02/Mar/2026:09:00:00 +0000] {identity} 198.51.100.7 51712 192.0.2.1 443"
    parts = {"A": header, "B": "GET / HTTP/1.1", "C": body, "H": "Message: Warning. x", "Z": ""}
    return "".join(f"--{boundary}-{letter}--\n{text}\n" for letter, text in parts.items())


def _read(text: str) -> list[str]:
    found = modsecurity_serial.rows(io.BytesIO(text.encode()))
    return [str(one.fields["unique_id"]) if isinstance(one, Row) else one.reason for one in found]


@pytest.mark.parametrize("section", "BCHZ")
def test_a_transaction_that_is_cut_off_loses_only_itself(section: str) -> None:
    cut = _transaction("aaaa1111", "cut").partition(f"--aaaa1111-{section}--")[0]
    assert _read(cut + _transaction("bbbb2222", "next") + cut) == [CUT_OFF, "next", CUT_OFF]


def test_what_a_client_sends_ends_nothing_and_begins_nothing() -> None:
    forged = _transaction("dead0000", "forged")
    assert _read(_transaction("aaaa1111", "real", forged)) == ["real"]
    assert _read(_transaction("aaaa1111", "real", "--dead0000-Z--\n--dead0000-A--") + _transaction("bbbb2222", "next")) == ["real", "next"]


def test_an_end_too_far_away_is_none() -> None:
    padding = "x\n" * (MAX_CHARS // 2 + 1)
    assert _read(_transaction("aaaa1111", "long", padding) + _transaction("bbbb2222", "next"))[0] == CUT_OFF
    assert _read(_transaction("aaaa1111", "long", padding) + _transaction("bbbb2222", "next"))[-1] == "next"


def test_many_beginnings_without_an_end_take_time_linear_in_them(promises: Any) -> None:
    found = promises.check(modsecurity_serial, b"--aaaa1111-A--\n--bbbb2222-Z--\n" * 50_000)
    assert {one.reason for one in found} == {CUT_OFF}


def test_the_first_line_decides() -> None:
    assert who_reads((CASES / "basic" / "input.log").read_bytes()) == "modsecurity_serial"
    assert not modsecurity_serial.sniff(b"--aaaa1111-A--\nno time")
    assert not modsecurity_serial.sniff(b"x\n" + _transaction("aaaa1111", "x").encode())


_PIECES = st.lists(
    st.sampled_from([f"--{one}-{letter}--\n" for one in ("aaaa1111", "bbbb2222") for letter in "ABHZ"] + ["x\n", "\n"]), max_size=30
)


@given(_PIECES)
def test_whatever_order_sections_come_in_a_whole_transaction_behind_them_is_read(pieces: list[str]) -> None:
    found = list(modsecurity_serial.rows(io.BytesIO(("".join(pieces) + _transaction("cccc3333", "whole")).encode())))
    assert isinstance(found[-1], Row)
    assert all(isinstance(one, Skipped) for one in found[:-1])

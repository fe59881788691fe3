"""Every modifier of the specification: what must fire and what must not, and what encoded text looks like within something longer."""

from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.sigma.modifiers import MODIFIERS, as_text
from watchkeeper.detection.sigma.parse import to_condition
from watchkeeper.detection.sigma.reference import compile_condition
from watchkeeper.detection.sigma.row import Row
from watchkeeper.model.batch import Value

HELLO_WIDE = "h\0e\0l\0l\0o\0"
AFTERNOON = "2026-11-22T14:05:59Z"
ABSENT: dict[str, Value] = {}
CASES: list[tuple[str, Any, list[Value | dict[str, Value]], list[Value | dict[str, Value]]]] = [
    ("F|contains", "b", ["b", "aBc"], ["ac", ABSENT]),
    ("F|contains", 445, ["tcp/445"], ["tcp/44"]),
    ("F|contains", True, ["so true"], ["so"]),
    ("F|contains|all", ["a", "b"], ["xbxax"], ["a", "b"]),
    ("F|startswith", "ab", ["AB", "abc"], ["xab"]),
    ("F|startswith", 10, ["10.1.2.3"], ["110"]),
    ("F|endswith", r"\cmd.exe", [r"C:\CMD.exe"], ["cmd.exe"]),
    ("F|endswith", 0.5, ["10.5"], ["10.50"]),
    ("F|exists", True, ["", "a"], [ABSENT]),
    ("F|exists", False, [ABSENT], ["a"]),
    ("F|cased", "Ab", ["Ab"], ["ab", "AB"]),
    ("F|contains|cased", "Ab", ["xAbx"], ["xabx"]),
    ("F|neq", "a", ["b", ABSENT], ["a", "A"]),
    ("F|neq", 5, ["6", "five"], ["5", "5.0"]),
    ("F|neq", ["a", "b"], ["c"], ["a", "b"]),
    ("F|windash|contains", " -enc", [" -enc", " /enc", " \u2013ENC", " \u2014enc", " \u2015enc"], ["enc", "-enc", " +enc"]),
    ("F|windash|contains", " \u2013enc", [" -enc", " \u2015enc"], [" enc"]),
    ("F|windash|contains", " -a -b-c", [" /a -b-c", " \u2014a /b-c"], [" /a -b/c"]),
    ("F|windash|contains|all", [" -a", " -b"], [" /b /a"], [" /a"]),
    ("F|re", "a.c", ["xabcx"], ["ABC", "a\nc"]),
    ("F|re", 46, ["4648"], ["4"]),
    ("F|re|i", "a.c", ["xABCx"], ["ac"]),
    ("F|re|m", "^b$", ["a\nb\nc"], ["ab"]),
    ("F|re|s", "a.c", ["a\nc"], ["ac"]),
    ("F|re|i|m|s", "^A.C$", ["x\na\nc\nx"], ["xa\nc"]),
    ("F|re|startswith", "a|b", ["ax", "bx"], ["xa"]),
    ("F|re|endswith", "a|b", ["xa", "xb"], ["ax"]),
    ("F|re|contains", "b+", ["abbc"], ["ac"]),
    ("F|base64", "hello", [b64encode(b"hello").decode()], ["hello"]),
    ("F|base64", r"a\*b", [b64encode(b"a*b").decode()], [b64encode(b"aab").decode()]),
    ("F|base64offset|contains", "hello", [b64encode(b"x" * place + b"hello there").decode() for place in range(4)], ["hello"]),
    ("F|wide", "hello", [HELLO_WIDE], ["hello"]),
    ("F|wide|base64offset|contains", "h\u00e9\u03a9", [b64encode("xh\u00e9\u03a9x".encode("utf-16-le")).decode()], ["h"]),
    ("F|utf16le|contains", "hello", ["x" + HELLO_WIDE], ["hello"]),
    ("F|utf16be", "hello", ["\0h\0e\0l\0l\0o"], [HELLO_WIDE]),
    ("F|utf16be|base64", "cmd", [b64encode("cmd".encode("utf-16-be")).decode()], [b64encode("cmd".encode("utf-16-le")).decode()]),
    ("F|utf16|base64", "cmd", ["//5jAG0AZAA="], [b64encode("cmd".encode("utf-16-le")).decode()]),
    ("F|lt", 5, ["4", "-1", "4.99"], ["5", "a", "", ABSENT]),
    ("F|lte", 5, ["5", "4"], ["5.01"]),
    ("F|gt", 0x10, ["17", "0x11"], ["16", "0x10"]),
    ("F|gte", 2.5, ["2.5", "3"], ["2.4"]),
    ("F|gte|all", [1, 2], ["2"], ["1"]),
    ("F|minute", 5, [AFTERNOON], ["2026-11-22T14:06:00Z"]),
    ("F|hour", 14, [AFTERNOON, "2026-11-22 14:00:00.123", "2026-11-22T15:05:59+01:00"], ["2026-11-22T13:59:59Z", "14"]),
    ("F|hour|gte", 14, [AFTERNOON, "2026-11-22T23:00:00Z"], ["2026-11-22T13:59:59Z"]),
    ("F|day", 22, [AFTERNOON], ["2026-11-21T14:00:00Z", "22nd"]),
    ("F|week", 47, [AFTERNOON], ["2026-11-23T14:00:00Z"]),
    ("F|month", [11, 12], [AFTERNOON], ["2026-10-22"]),
    ("F|year|lt", 2026, ["2025-12-31"], [AFTERNOON]),
    ("F|cidr", "10.0.0.0/8", ["10.1.2.3", "::ffff:10.1.2.3"], ["11.1.2.3", "10.1.2", "fe80::1"]),
    ("F|cidr", ["192.0.2.7", "fe80::/10"], ["192.0.2.7", "fe80::1%eth0"], ["192.0.2.8", "2001:db8::1"]),
    ("F|cidr|neq", "10.0.0.0/8", ["192.0.2.1"], ["10.0.0.1"]),
    ("F|fieldref", "G", [{"F": "A", "G": "a"}, {"F": ["x", "a"], "G": "a"}], [{"F": "a", "G": "b"}, {"F": "a"}, ABSENT]),
    ("F|fieldref|neq", "G", [{"F": "a", "G": "b"}], [{"F": "a", "G": "A"}]),
    ("F|fieldref|startswith", "G", [{"F": "abc", "G": "AB"}], [{"F": "xab", "G": "ab"}]),
    ("F|fieldref|endswith", "G", [{"F": "xab", "G": "AB"}], [{"F": "abx", "G": "ab"}]),
    ("F|fieldref|contains", "G", [{"F": "xabx", "G": "AB"}], [{"F": "xax", "G": "ab"}]),
    ("F|fieldref|cased", "G", [{"F": "Ab", "G": "Ab"}], [{"F": "ab", "G": "Ab"}]),
    ("F|cased|fieldref", "G", [{"F": "Ab", "G": "Ab"}], [{"F": "ab", "G": "Ab"}]),
    ("|all", ["a", "b"], [{"F": "a", "G": "b"}], [{"F": "a"}]),
    ("|re", "^b+$", [{"F": "a", "G": "bb"}], [{"F": "abb"}]),
    ("|cidr", "10.0.0.0/8", [{"G": "10.1.2.3"}], [{"G": "11.1.2.3"}]),
]


@pytest.mark.parametrize(("key", "wanted", "fires", "silent"), CASES)
def test_a_modifier_fires_on_what_it_means_alone(
    key: str, wanted: Any, fires: list[Value | dict[str, Value]], silent: list[Value | dict[str, Value]]
) -> None:
    holds = compile_condition(to_condition(key, wanted))
    assert [one for one in fires if not holds(_row(one))] == []
    assert [one for one in silent if holds(_row(one))] == []


def _row(one: Value | dict[str, Value]) -> Row:
    return Row(one if isinstance(one, dict) else {"F": one})


def test_every_modifier_has_a_case() -> None:
    spelled_out = {"dotall", "ignorecase", "multiline"}  # pySigma's longer names of re's flags
    tried = {name for key, *_ in CASES for name in key.split("|")[1:]} | {"expand"}  # see `test_expansion`
    assert set(MODIFIERS) - spelled_out == tried


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("F|base64", "a*b", "a wildcard cannot be encoded"),
        ("F|base64offset|contains", "a?b", "a wildcard cannot be encoded"),
        ("F|windash|contains", " -a -b -c -d", "has 4; split it into several"),
        ("F|gt", "5", "incompatible"),
        ("F|cidr", "10.1.2.3/8", "host bits"),
        ("F|exists", "yes", "incompatible"),
    ],
)
def test_what_a_modifier_cannot_mean_is_refused(key: str, value: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        to_condition(key, value)


@given(st.text(min_size=1, max_size=12), st.binary(max_size=5), st.binary(max_size=5), st.sampled_from(["", "wide|", "utf16be|"]))
def test_an_encoded_text_is_found_wherever_it_stands(text: str, before: bytes, after: bytes, wide: str) -> None:
    plain = text.replace("*", "").replace("?", "").replace("\\", "")
    encoding = {"": "utf-8", "wide|": "utf-16-le", "utf16be|": "utf-16-be"}[wide]
    if not plain or not _encodes(plain):
        return
    whole = b64encode(before + plain.encode(encoding) + after).decode()
    assert compile_condition(to_condition(f"F|{wide}base64offset|contains|cased", plain))(Row({"F": whole}))


def _encodes(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def test_numbers_are_text_only_where_a_modifier_takes_text() -> None:
    detection = {"s": [{"F|contains": [1, "a"], "G": 1, "H|gt": 2}], "t": {"F|re": 1.5, "F|exists": True}, "condition": "s"}
    assert as_text(detection) == {
        "s": [{"F|contains": ["1", "a"], "G": 1, "H|gt": 2}],
        "t": {"F|re": "1.5", "F|exists": True},
        "condition": "s",
    }

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.intel.formats.stix_pattern import MALFORMED, OPERATOR, SEQUENCE, TOGETHER, Comparison, Unmatched, alternatives

A, B = Comparison("ipv4-addr:value", "1"), Comparison("file:hashes.'SHA-256'", "b")


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("[ipv4-addr:value = '1']", [A]),
        ("[ipv4-addr:value='1' OR file:hashes.'SHA-256' = 'b']", [A, B]),
        ("([ipv4-addr:value = '1']) OR [file:hashes.'SHA-256' IN ('b')]", [A, B]),
        ("[ipv4-addr:value = '1' AND ipv4-addr:value = '1']", [A]),
        ("[ipv4-addr:value = '1' AND file:hashes.'SHA-256' = 'b']", [Unmatched(TOGETHER)]),
        ("[ipv4-addr:value = '1' OR file:hashes.'SHA-256' = 'b' AND file:name = 'c']", [A, Unmatched(TOGETHER)]),
        ("[ipv4-addr:value = '1'] AND [file:hashes.'SHA-256' = 'b']", [Unmatched(TOGETHER)]),
        ("[ipv4-addr:value = '1'] FOLLOWEDBY [file:hashes.'SHA-256' = 'b']", [Unmatched(SEQUENCE)]),
        ("[ipv4-addr:value = '1'] REPEATS 5 TIMES WITHIN 10 SECONDS", [Unmatched(SEQUENCE)]),
        ("[ipv4-addr:value = '1'] WITHIN 10 SECONDS", [A]),
        ("[ipv4-addr:value = '1'] START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'", [Unmatched(SEQUENCE)]),
        ("[ipv4-addr:value != '1']", [Unmatched(OPERATOR)]),
        ("[NOT ipv4-addr:value = '1']", [Unmatched(MALFORMED)]),
        ("[ipv4-addr:value NOT = '1']", [Unmatched(OPERATOR)]),
        ("[file:name LIKE 'a%' OR ipv4-addr:value = '1']", [Unmatched(OPERATOR), A]),
        ("[file:name = 'it\\'s \\\\ here']", [Comparison("file:name", "it's \\ here")]),
        ("[file:size = 12]", [Comparison("file:size", "12")]),
        (
            "[process:extensions.'windows-service-ext'.service_name = 'x']",
            [Comparison("process:extensions.'windows-service-ext'.service_name", "x")],
        ),
        ("[windows-registry-key:values[*].data = 'x']", [Comparison("windows-registry-key:values[*].data", "x")]),
        ("[ipv4-addr:value = '1'", [Unmatched(MALFORMED)]),
        ("[ipv4-addr:value = '1'] x", [Unmatched(MALFORMED)]),
        ("", [Unmatched(MALFORMED)]),
        ("[" + "(" * 500 + "ipv4-addr:value = '1'", [Unmatched(MALFORMED)]),
    ],
)
def test_what_holds_by_itself_is_kept_and_the_rest_has_a_reason(pattern: str, parts: list[object]) -> None:
    assert alternatives(pattern) == parts


_PIECES = [
    "[",
    "]",
    "(",
    ")",
    " AND ",
    " OR ",
    " FOLLOWEDBY ",
    "ipv4-addr:value",
    " = ",
    "'x'",
    " IN ",
    ",",
    " NOT ",
    " REPEATS ",
    " 5 ",
    "'",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=20).map("".join) | st.text(max_size=40))
def test_any_text_has_an_answer(pattern: str) -> None:
    assert all(isinstance(part, Comparison | Unmatched) for part in alternatives(pattern))
    assert alternatives(pattern)

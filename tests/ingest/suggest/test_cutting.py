"""Pairs and columns."""

import re2

from watchkeeper.ingest.suggest.cutting import columns_in, pairs_in


def _message(parts: object) -> str:
    return str(getattr(parts, "recognise")[0]["message"])  # noqa: B009 -- the caller knows that there are parts


def test_pairs_are_found_with_their_signs() -> None:
    lines = [f"id:{at}|from:203.0.113.{at}|what:door opened" for at in range(9)]
    found = pairs_in(lines, "")
    assert found is not None
    assert found.steps[0] == {"pairs": {"separator": "|", "equals": ":"}}
    assert all(re2.search(_message(found), line) for line in lines)
    assert not re2.search(_message(found), "a line with from: in it")
    assert pairs_in(["no pairs here at all", "none = here"], "") is None


def test_values_of_several_words_end_at_the_next_key() -> None:
    found = pairs_in([f"act=door was opened src=203.0.113.{at} who=bob the keeper" for at in range(9)], "doord")
    assert found is not None
    assert found.steps[0] == {"pairs": {"unquoted": "until_key"}}
    assert found.recognise == [{"programs": ["doord"]}]


def test_an_address_within_a_value_gets_a_step_of_its_own() -> None:
    found = pairs_in([f'n={at} msg="opened from 203.0.113.{at}:4{at} again" x=1' for at in range(9)], "")
    assert found is not None
    assert found.steps[1]["of"] == "msg"
    assert "(?P<src_ip>" in str(found.steps[1])


def test_columns_have_names_from_a_header_or_from_their_values() -> None:
    rows = [f"2026-03-02 10:00:0{at},203.0.113.{at},198.51.100.{at},GET,x" for at in range(9)]
    found = columns_in(rows, "")
    assert found is not None
    assert found.steps == [{"columns": {"names": ["time", "src_ip", "dst_ip", "cs-method", "column_5"]}}]
    assert all(re2.search(_message(found), row) for row in rows)
    assert not re2.search(_message(found), "a,b,c,d,e")
    told = columns_in(["#Fields: date who", *(f"2026-03-0{at}\tbob" for at in range(1, 9))], "")
    assert told is not None
    assert told.steps == [{"columns": {"names": ["date", "who"], "separator": "\t"}}]
    assert columns_in(["to be, or not, to be, that", "is, the, question, here"], "") is None

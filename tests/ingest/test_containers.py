"""Lines of containers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.containers import contained

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "text", "program", "fields"),
    [
        ("2026-03-02T10:00:00.000000000+01:00 stdout F hello", "hello", "", {"stream": "stdout", "logtag": "F"}),
        ("2026-03-02T09:00:00Z stderr P ", "", "", {"stream": "stderr", "logtag": "P"}),
        ('{"log":"hello\\n","stream":"stdout","time":"2026-03-02T09:00:00.0Z"}', "hello", "", {"stream": "stdout"}),
        (
            "2026-03-02T09:01:00Z stdout F Mar  2 2026 09:00:00 h su[1]: hello",
            "hello",
            "su",
            {"stream": "stdout", "logtag": "F", "program": "su", "pid": "1"},
        ),
    ],
)
def test_what_a_runtime_wrapped_is_a_line_like_any_other(line: str, text: str, program: str, fields: dict[str, str]) -> None:
    found = contained(line)
    assert found is not None
    assert (found.text, found.program, found.fields, found.raw, found.time, found.wrapped) == (text, program, fields, line, AT, True)


@pytest.mark.parametrize(
    "line",
    ["hello", "", "2026-03-02T09:00:00Z stdout hello", '{"log":"hello"}', '{"log":"hello', '{"log":1,"stream":"a","time":"b"}'],
)
def test_what_no_runtime_wrapped_is_none(line: str) -> None:
    assert contained(line) is None


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    contained(f'{{"log":"{text}')
    contained(f"2026-03-02T09:00:00Z stdout {text}")

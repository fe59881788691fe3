import io

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.lines import MAX_RECORD_BYTES, TOO_LONG, lines


@given(st.binary(max_size=300))
def test_lines_joined_are_the_text(text: bytes) -> None:
    assert b"".join(line for line in lines(io.BytesIO(text)) if isinstance(line, bytes)) == text


def test_an_endless_line_is_one_loss() -> None:
    text = b"first\n" + b"x" * (2 * MAX_RECORD_BYTES + 1) + b"\nlast"
    assert list(lines(io.BytesIO(text))) == [b"first\n", TOO_LONG, b"last"]
    assert list(lines(io.BytesIO(b"x" * MAX_RECORD_BYTES))) == [TOO_LONG]

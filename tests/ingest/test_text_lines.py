"""Lines of text."""

import io

from watchkeeper.ingest.lines import MAX_RECORD_BYTES
from watchkeeper.ingest.reader import Skipped
from watchkeeper.ingest.text_lines import text, text_lines


def test_ends_marks_and_blank_lines_are_no_text() -> None:
    assert list(text_lines(io.BytesIO(b"\xef\xbb\xbfa \r\n\n  \nb\xff\n"))) == ["a ", "b\ufffd"]


def test_a_line_without_end_is_skipped_and_reading_goes_on() -> None:
    found = list(text_lines(io.BytesIO(b"x" * (MAX_RECORD_BYTES + 5) + b"\nafter\n")))
    assert isinstance(found[0], Skipped)
    assert found[1:] == ["after"]


def test_what_is_no_utf8_is_gb18030_if_all_of_it_is() -> None:
    assert text("用户 登录失败".encode("gbk")) == "用户 登录失败"
    assert text("𠀀".encode("gb18030")) == "𠀀"
    assert text("用户".encode()[:-1]) == "用\ufffd"
    assert text("café au lait".encode("latin-1")) == "caf\ufffd au lait"

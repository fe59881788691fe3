"""Message-IDs are compared whole, and nothing that telemetry says leaves its quotes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.response.connectors.message_ids import message_id, quoted, same_id, seven_bit


@given(st.text())
def test_what_is_accepted_is_one_printable_word(text: str) -> None:
    try:
        found = message_id({"message_id": text})
    except ValueError:
        return
    assert found.isascii()
    assert found.isprintable()
    assert " " not in found
    assert same_id(f" <{found}>\r\n", found)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_a_quoted_string_ends_where_it_ends(text: str) -> None:
    inside = quoted(text)[1:-1]
    assert inside.replace("\\\\", "").replace('\\"', "").count('"') == 0
    assert inside.replace('\\"', '"').replace("\\\\", "\\") == text or "\\" in text


@pytest.mark.parametrize("text", ["a\r\nb", "\x00", "é", "\x7f"])
def test_what_a_quoted_string_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be said"):
        quoted(text)


@pytest.mark.parametrize(
    ("folder", "wire"), [("INBOX", "INBOX"), ("A & B", "A &- B"), ("台北", "&U,BTFw-"), ("Entwürfe/日本語", "Entw&APw-rfe/&ZeVnLIqe-")]
)
def test_folders_are_named_in_modified_utf_7(folder: str, wire: str) -> None:
    assert seven_bit(folder) == wire

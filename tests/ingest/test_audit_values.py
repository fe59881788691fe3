"""Hex in audit records."""

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.audit_values import decoded, socket_address


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1))
def test_hex_gives_back_its_text(text: str) -> None:
    assert decoded("name", text.encode().hex().upper()) == text


def test_what_is_no_hex_stays() -> None:
    for written in ("(null)", "?", "", "ABC", "zz"):
        assert decoded("comm", written) == written


def test_arguments_of_a_title_are_set_apart_and_keys_are_a_list() -> None:
    assert decoded("proctitle", b"ls\0-l\0".hex().upper()) == "ls -l"
    assert decoded("key", b"a\x01b".hex().upper()) == ["a", "b"]


def test_socket_addresses_of_both_families() -> None:
    assert socket_address("02000050C0000201" + "00" * 8) == {"saddr_fam": "inet", "laddr": "192.0.2.1", "lport": "80"}
    assert socket_address("0A0001BB00000000" + "20010DB8" + "00" * 11 + "01" + "00000000")["laddr"] == "2001:db8::1"


@given(st.text())
def test_no_text_is_too_odd_for_an_address(text: str) -> None:
    for written in (text, "0200" + text, "0A00" + text):
        assert set(socket_address(written)) <= {"saddr_fam", "laddr", "lport"}

"""How names of accounts are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.schema.account import bare, is_sid, label, parted, qualified


@pytest.mark.parametrize(
    ("text", "domain", "name"),
    [
        (r"CORP\Jane", "corp", "jane"),
        (r"corp.example.com\jane", "corp", "jane"),
        ("Jane@corp.example.com", "corp", "jane"),
        (r"CORP\jane@corp.example", "corp", "jane"),
        ("jane", "", "jane"),
        (r".\jane", "", "jane"),
        (r"WORKGROUP\jane", "", "jane"),
        (r"NT AUTHORITY\SYSTEM", "", "system"),
        (r"Font Driver Host\UMFD-0", "", "umfd-0"),
        (r"10.0.0.1\jane", "", "jane"),
        ("", "", ""),
    ],
)
def test_an_account_has_a_domain_and_a_name(text: str, domain: str, name: str) -> None:
    assert parted(text) == (domain, name)
    assert bare(text) == name


@pytest.mark.parametrize(
    ("sid", "is_one"),
    [
        ("s-1-5-21-1-2-3-500", True),
        ("s-1-12-1-1-2-3-4", True),
        ("s-1-5-18", False),
        ("s-1-5-32-544", False),
        ("s-1-5-21-1-2-3", False),
        ("s-1-5-21-1-2-3-500 ", False),
        ("jane", False),
    ],
)
def test_a_sid_is_of_one_account_of_one_domain(sid: str, *, is_one: bool) -> None:
    assert is_sid(sid) is is_one


def test_a_domain_is_called_by_its_first_label() -> None:
    assert [label(text) for text in ("CORP", "corp.example", "-", "builtin", "IIS APPPOOL", "x" * 64)] == ["corp", "corp", "", "", "", ""]


@given(domain=st.text(), name=st.text(st.characters(exclude_characters="\\@"), min_size=1))
def test_what_is_written_can_be_cut_again(domain: str, name: str) -> None:
    assert parted(qualified(domain, name)) == (label(domain), name.strip().lower() if not label(domain) else name.lower().rstrip())

"""Targets are written in one way, or refused before anybody is told of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.response.targets import canonical


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("address", "2001:DB8:0::9", "2001:db8::9"), ("address", "203.0.113.9", "203.0.113.9"), ("host", "ws1.corp", "ws1.corp"),
        ("domain", "Evil.Example.", "evil.example"), ("hash", "A" * 64, "a" * 64), ("url", "https://e.example/a?b", "https://e.example/a?b"),
        ("file", "ws1:C:\\a b.exe", "ws1:C:\\a b.exe"), ("user", "corp\\bob", "corp\\bob"),
    ],
)  # fmt: skip
def test_one_thing_is_written_in_one_way(kind: EntityKind, value: str, written: str) -> None:
    assert canonical(Entity(kind=kind, value=value)) == written


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("address", "10.0.0.0/8"), ("address", "010.0.0.1"), ("address", "fe80::1%1"), ("host", "-rf"), ("host", "a b"), ("host", "a;b"),
        ("host", "x" * 254),
        ("domain", "localhost"), ("domain", "a..b"), ("hash", "a" * 63), ("url", "javascript:x"), ("url", "https://a b"), ("user", ""),
        ("user", "a\nb"),
        ("file", " x"), ("process", "x" * 1_001),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(kind: EntityKind, value: str) -> None:
    with pytest.raises(ValueError, match=f"is no {kind} that may be acted on"):
        canonical(Entity(kind=kind, value=value))


@given(st.sampled_from(["address", "host", "domain", "hash", "url", "user", "file"]), st.text())
def test_what_passes_is_one_printable_line(kind: EntityKind, value: str) -> None:
    try:
        written = canonical(Entity(kind=kind, value=value))
    except ValueError:
        return
    assert written
    assert written.isprintable()
    assert canonical(Entity(kind=kind, value=written)) == written

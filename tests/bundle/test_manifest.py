"""A manifest is sound or refused, and says what changed."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.bundle.manifest import Changes, Manifest, Member, Part, decoded, encoded, since

SOUND = Manifest(
    1,
    "weekly",
    "7",
    datetime(2026, 5, 1, tzinfo=UTC),
    (Part("ours", "rules", "Apache-2.0"), Part("acme", "intel", "CC0-1.0", source="ACME", confidence=80, tlp="amber")),
    (Member("intel/acme/a.csv", 3, "a" * 64), Member("rules/ours/deep/a.yml", 3, "b" * 64)),
)


def test_what_is_written_is_read() -> None:
    assert decoded(encoded(SOUND)) == SOUND
    assert encoded(SOUND) == encoded(decoded(encoded(SOUND)))


def _changed(**what: Any) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(encoded(SOUND)), **what})


def _members(*names: str) -> bytes:
    return _changed(members=[{"name": name, "size": 1, "sha256": "a" * 64} for name in names])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "cannot be understood"),
        (b"[" * 100_000, "cannot be understood"),
        (_changed(format=2), "cannot be understood"),
        (_changed(surplus=1), "cannot be understood"),
        (_changed(created="2026-05-01T00:00:00"), "no time zone"),
        (_changed(name="../x"), "not written as such"),
        (_changed(previous="x"), "not written as such"),
        (_changed(members=[]), "no member"),
        (_changed(parts=[{"name": "..", "kind": "rules", "licence": ""}]), "cannot be a part's name"),
        (_changed(parts=[{"name": "x", "kind": "rules", "licence": ""}] * 2), "a part is listed twice"),
        (_members("rules/ours/a", "rules/ours/A"), "a member is listed twice"),
        (_members("rules/ours"), "no file of one of its parts"),
        (_members("rules/ours/../../x"), "no file of one of its parts"),
        (_members("/rules/ours/x"), "no file of one of its parts"),
        (_members("rules/theirs/x"), "no file of one of its parts"),
        (_members("kev/ours/x"), "no file of one of its parts"),
        (_members("rules/ours/a", "rules/ours/A/b"), "lies in what is a file"),
        (_changed(members=[{"name": "rules/ours/a", "size": -1, "sha256": "a" * 64}]), "no size or hash"),
        (_changed(members=[{"name": "rules/ours/a", "size": 1, "sha256": "A" * 64}]), "no size or hash"),
    ],
)
def test_what_contradicts_itself_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decoded(content)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="manifest"):
        decoded(content)


def test_changes_are_told_by_name() -> None:
    now = (Member("intel/acme/a.csv", 4, "c" * 64), Member("kev/kev/kev.csv", 1, "d" * 64))
    assert since(SOUND.members, now) == Changes(
        added=("kev/kev/kev.csv",), changed=("intel/acme/a.csv",), removed=("rules/ours/deep/a.yml",)
    )

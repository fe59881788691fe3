"""What is refused of any zip; `autopilot.rule_archive` has the same for zips of rules, by its tests."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.bundle.archive import Bounds, checked, content, is_safe, opened

BOUNDS = Bounds("member", archive_bytes=1 << 20, members=3, member_bytes=100, all_bytes=250)


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, written in members.items():
            archive.writestr(name, written)
    return path


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({str(n): b"" for n in range(4)}, "4 members, more than 3"),
        ({"a": b"x" * 101}, "larger than 100 bytes, which no member is"),
        ({str(n): b"x" * 90 for n in range(3)}, "together"),
        ({"../a": b""}, "leads out of the folder"),
        ({"a": b"", "A": b""}, "twice"),
    ],
)
def test_too_much_and_what_leads_out_is_refused(tmp_path: Path, members: dict[str, bytes], reason: str) -> None:
    with opened(_zip(tmp_path / "a.zip", members)) as archive, pytest.raises(ValueError, match=reason):
        checked(archive.infolist(), BOUNDS, lambda _: True)


def test_what_is_not_wanted_may_be_large(tmp_path: Path) -> None:
    with opened(_zip(tmp_path / "a.zip", {"a": b"x" * 1000, "b": b"y"})) as archive:
        files = checked(archive.infolist(), BOUNDS, lambda name: name == "b")
        assert [member.filename for member in files] == ["a", "b"]
        assert b"".join(content(archive, files[1], BOUNDS)) == b"y"
        with pytest.raises(ValueError, match="larger than 100 bytes"):
            list(content(archive, files[0], BOUNDS))


@given(st.text(max_size=40))
def test_a_safe_name_stays_in_its_folder(name: str) -> None:
    if is_safe(name):
        place = Path("/some/folder")
        assert place in (place / name).resolve().parents
        assert not {"\\", ":", "\x00"} & set(name)

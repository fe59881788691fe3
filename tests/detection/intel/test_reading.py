import gzip
import io
import zipfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.intel.canon import Account, Defaults, indicators
from watchkeeper.detection.intel.formats import FORMATS, Ask, Refused
from watchkeeper.detection.intel.reading import opened

CASES = sorted((Path(__file__).parents[2] / "cases" / "detection" / "intel").iterdir())
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _read(path: Path, ask: Ask = Ask()) -> list[tuple[str, list[dict[str, object]], Account]]:  # noqa: B008 -- frozen
    found = []
    for one in opened(path, ask):
        table, account = indicators(one.entries, Defaults("case"), NOW)
        found.append((one.format.name if one.format else "", table.to_pylist(), account))
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_gives_the_indicators_and_the_account_that_it_should(case: Path, update_golden: bool) -> None:
    (name, rows, account), *others = _read(next(case.glob("input.*")))
    assert others == []
    shown = [{key: value for key, value in row.items() if value and key not in ("id", "source", "first_seen")} for row in rows]
    told = [{"format": name, "refused": dict(account.refused)}, *shown]
    lines = b"".join(msgspec.json.encode(one) + b"\n" for one in told)
    if update_golden:
        (case / "expected.jsonl").write_bytes(lines)
    assert lines == (case / "expected.jsonl").read_bytes()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
@given(cut=st.floats(0, 1), junk=st.binary(max_size=20))
def test_a_broken_file_never_raises_and_what_it_loses_is_counted(case: Path, cut: float, junk: bytes) -> None:
    whole = next(case.glob("input.*")).read_bytes()
    content = whole[: int(len(whole) * cut)] + junk
    for one in FORMATS:
        try:
            found = list(one.entries(io.BytesIO(content), Ask()))
        except ValueError:
            continue
        _, account = indicators(found, Defaults("case"), NOW)
        assert account.entries == len(found)
        assert sum(account.refused.values()) >= sum(isinstance(entry, Refused) for entry in found)


def test_packed_files_and_folders_are_read_and_what_nobody_knows_is_said(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt.gz").write_bytes(gzip.compress(b"203.0.113.1\n"))
    with zipfile.ZipFile(tmp_path / "in" / "b.zip", "w") as archive:
        archive.writestr("one.txt", "203.0.113.2\n")
        archive.writestr("two.bin", b"\0\1\2")
    (tmp_path / "in" / "c.zip").write_bytes(b"PK\x03\x04 damaged")
    found = [(one.name, one.format.name if one.format else "", list(one.entries)) for one in opened(tmp_path / "in", Ask())]
    assert [(name, how) for name, how, _ in found] == [
        ("in/a.txt.gz", "text"), ("in/b.zip!one.txt", "text"), ("in/b.zip!two.bin", ""), ("in/c.zip", ""),
    ]  # fmt: skip
    assert Counter(isinstance(entry, Refused) for _, _, entries in found for entry in entries) == {False: 2, True: 2}


def test_a_gzip_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress(b"".join(b"198.51.%d.%d\n" % divmod(number, 256) for number in range(40_000)))
    (tmp_path / "a.gz").write_bytes(packed[: len(packed) // 2])
    (one,) = opened(tmp_path / "a.gz", Ask())
    *kept, last = list(one.entries)
    assert len(kept) > 1_000
    assert isinstance(last, Refused)


def test_a_format_of_that_name_must_exist(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("203.0.113.1\n")
    with pytest.raises(ValueError, match="choose one of stix"):
        list(opened(tmp_path / "a.txt", Ask(), "stixx"))


def test_columns_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("who,what,how sure\nme,203.0.113.1,high\n")
    ((_, (row,), _),) = _read(tmp_path / "a.csv", Ask({"value": "what", "confidence": "how sure", "labels": "who"}))
    assert (row["value"], row["confidence"], row["labels"]) == ("203.0.113.1", 90, ["me"])
    with pytest.raises(ValueError, match="no header names the column 'other'"):
        _read(tmp_path / "a.csv", Ask({"value": "other"}))

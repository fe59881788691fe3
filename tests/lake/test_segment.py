"""A segment that is damaged is refused, and says so; nothing is read from where another column points."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from watchkeeper.lake.segment import Segment
from watchkeeper.model.edges import thing_id


@pytest.fixture
def folder(tmp_path: Path, made: SimpleNamespace) -> Path:
    made.written(tmp_path, [[(made.THINGS[0], made.THINGS[number], "started", number, number % 5) for number in range(1, 6)]])
    return tmp_path / "part-00000"


def test_a_range_of_time_is_found_without_reading_the_rest(folder: Path, made: SimpleNamespace) -> None:
    segment = Segment(folder)
    rank = segment.rank(thing_id(made.THINGS[0]))
    assert rank is not None
    second, whole = 1_000_000, int(segment.time[0])
    low, high = segment.span(rank, whole + second, whole + 3 * second, back=False)
    assert (low, high) == (1, 4)
    assert segment.rank(5) is None


@pytest.mark.parametrize("name", ["nodes", "out", "into", "target", "kind", "time", "event", "by_target", "names", "names_at"])
def test_a_column_cut_short_is_refused(folder: Path, name: str) -> None:
    column = np.load(folder / f"{name}.npy")
    np.save(folder / f"{name}.npy", column[:-1])
    with pytest.raises(ValueError, match="damaged"):
        Segment(folder)


def test_a_column_of_another_type_is_refused(folder: Path) -> None:
    np.save(folder / "kind.npy", np.array(["started"] * 5))
    with pytest.raises(ValueError, match="damaged"):
        Segment(folder)


def test_a_place_beyond_its_column_is_refused(folder: Path) -> None:
    np.save(folder / "out.npy", np.load(folder / "out.npy") + 1)
    with pytest.raises(ValueError, match="damaged"):
        Segment(folder)


def test_a_missing_column_says_which(folder: Path) -> None:
    shutil.copy(folder / "time.npy", folder / "copy.npy")
    (folder / "time.npy").unlink()
    with pytest.raises(FileNotFoundError, match=r"time\.npy"):
        Segment(folder)

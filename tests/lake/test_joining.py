"""Joined segments hold what they held apart, and there are never eight of a size."""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.lake import Graph, joining
from watchkeeper.lake.segment import Segment
from watchkeeper.model.edges import Around, thing_id


def test_eight_become_one_in_which_every_column_fits(tmp_path: Path, made: SimpleNamespace) -> None:
    stored = [[(made.THINGS[number % 5], made.THINGS[5], "started", number % 4, number % 5)] for number in range(17)]
    made.written(tmp_path, stored)
    paths = sorted(tmp_path.iterdir())
    assert [len(Segment(path)) for path in paths] == [15, 1, 1]
    segment = Segment(paths[0])
    ways_back = segment.time[segment.by_target]
    assert (np.diff(ways_back) >= 0).all()
    assert sorted(segment.by_target) == list(range(15))
    assert segment.told.starts == tuple(range(0, 80, 5))


@settings(max_examples=20)
@given(data=st.data())
def test_what_is_worked_on_a_little_at_a_time_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, made: SimpleNamespace, data: st.DataObject
) -> None:
    stored = data.draw(made.parts)
    folder = tmp_path_factory.mktemp("graph")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joining, "_AT_ONCE", 2)
        patch.setattr(joining, "_TOGETHER", 2)
        made.written(folder, stored)
    graph = Graph(folder)
    for thing in made.THINGS:
        for back in (True, False):
            table, _ = graph.edges(thing_id(thing), Around(back=back))
            assert Counter(made.read(table)) == Counter(made.wanted(stored, thing, Around(back=back)))


def test_other_series_are_left_alone(tmp_path: Path, made: SimpleNamespace) -> None:
    made.written(tmp_path, [[(made.THINGS[0], made.THINGS[1], "wrote", 1, 0)]] * 7)
    joining.joined(tmp_path, "part-0000003-")
    assert len(list(tmp_path.iterdir())) == 7

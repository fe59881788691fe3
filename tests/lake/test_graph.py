"""Edges of a thing are all that were stored, in the order asked for, however many segments they lie in."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.lake import Graph
from watchkeeper.model.edges import Around, thing_id

LAST = datetime.max.replace(tzinfo=UTC)


@settings(max_examples=40)
@given(data=st.data())
def test_a_neighbourhood_is_what_a_scan_finds(tmp_path_factory: pytest.TempPathFactory, made: SimpleNamespace, data: st.DataObject) -> None:
    stored, thing = data.draw(made.parts), data.draw(st.sampled_from(made.THINGS))
    limits = st.integers(1, 12)
    around = data.draw(st.builds(Around, back=st.booleans(), start=made.moments, end=made.moments, newest=st.booleans(), limit=limits))
    folder = tmp_path_factory.mktemp("graph")
    made.written(folder, stored)
    table, total = Graph(folder).edges(thing_id(thing), around)
    found, every = made.read(table), made.wanted(stored, thing, around)
    assert total == len(every)
    assert len(found) == min(total, around.limit)
    assert not Counter(found) - Counter(every)
    times = [edge[3] or LAST for edge in found]
    ordered = sorted((edge[3] or LAST for edge in every), reverse=around.newest)
    assert times == ordered[: around.limit]


@settings(max_examples=40)
@given(data=st.data())
def test_the_edges_that_events_show_are_found_by_their_place(
    tmp_path_factory: pytest.TempPathFactory, made: SimpleNamespace, data: st.DataObject
) -> None:
    stored = data.draw(made.parts)
    folder = tmp_path_factory.mktemp("graph")
    made.written(folder, stored)
    places = [(f"part-{number:05d}.parquet", row) for number in range(len(stored)) for row in (3, 1)]
    edges, things = Graph(folder).shown_by([part for part, _ in places], np.array([row for _, row in places]))
    of = {place: number for number, place in enumerate(places)}
    names = {thing_id(key): key for key in made.THINGS}
    found = Counter((names[row["source"]], names[row["target"]], row["kind"], row["time"], row["row"]) for row in edges.to_pylist())
    every = [(f"part-{number:05d}.parquet", edge) for number, edges in enumerate(stored) for edge in edges]
    assert found == Counter(
        (edge[0], edge[1], edge[2], made.moment(edge[3]), of[part, edge[4]]) for part, edge in every if (part, edge[4]) in of
    )
    named = {edge[end] for part, edge in every if (part, edge[4]) in of for end in (0, 1)}
    assert set(things.column("key").to_pylist()) == named


def test_things_have_names_and_are_found_by_how_their_keys_begin(tmp_path: Path, made: SimpleNamespace) -> None:
    made.written(tmp_path, [[(made.THINGS[0], made.THINGS[1], "started", number, 0)] for number in range(9)])
    graph = Graph(tmp_path)
    assert graph.name(thing_id(made.THINGS[1])) == ("process|ws1|1", "1.exe")
    assert graph.name(1) == ("", "")
    assert list(graph.keys("process|ws1|", 10)) == ["process|ws1|1"]
    assert not list(graph.keys("ws1|", 10))
    assert len(list(graph.keys("process|", 1))) == 1
    assert len(graph) == 9


def test_a_folder_without_segments_has_no_edges(tmp_path: Path, made: SimpleNamespace) -> None:
    table, total = Graph(tmp_path / "none").edges(7, Around())
    assert (table.num_rows, total) == (0, 0)
    assert not made.shown([])[0].num_rows

"""What waits is written as one segment a part, whatever the batches were."""

from pathlib import Path
from types import SimpleNamespace

from watchkeeper.lake import EdgeWriter, Graph
from watchkeeper.model.edges import THINGS, Around, thing_id


def test_rows_are_those_of_the_part_and_not_of_the_batch(tmp_path: Path, made: SimpleNamespace) -> None:
    writer = EdgeWriter(tmp_path, "s1")
    writer.add(made.shown([(made.THINGS[0], made.THINGS[1], "started", 1, 2)]), 0)
    writer.add(made.shown([(made.THINGS[0], made.THINGS[2], "started", 2, 3)]), 40)
    writer.flush("part-s1-00000.parquet", 50)
    found = made.read(Graph(tmp_path).edges(thing_id(made.THINGS[0]), Around())[0])
    assert [(edge[1], edge[4], edge[5]) for edge in found] == [
        (made.THINGS[1], "part-s1-00000.parquet", 2),
        (made.THINGS[2], "part-s1-00000.parquet", 43),
    ]


def test_a_part_without_edges_leaves_nothing(tmp_path: Path, made: SimpleNamespace) -> None:
    writer = EdgeWriter(tmp_path / "graph")
    writer.add(made.shown([]), 0)
    writer.flush("part-00000.parquet", 50)
    assert not (tmp_path / "graph").exists()


def test_the_name_that_says_more_is_kept(tmp_path: Path, made: SimpleNamespace) -> None:
    edges, things = made.shown([(made.THINGS[0], made.THINGS[1], "started", 1, 2)])
    writer = EdgeWriter(tmp_path)
    writer.add((edges, things), 0)
    bare = things.set_column(2, THINGS.field("label"), [[""] * things.num_rows])
    writer.add((edges, bare), 3)
    writer.flush("part-00000.parquet", 50)
    assert Graph(tmp_path).name(thing_id(made.THINGS[0])) == (made.THINGS[0], "0.exe")

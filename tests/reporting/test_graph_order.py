"""Orders with fewer crossings win."""

from watchkeeper.reporting.graph_order import bends, crossings, ordered


def test_a_crossing_that_can_be_avoided_is() -> None:
    column = {"a": 0, "b": 0, "x": 1, "y": 1}
    links = [("a", "y"), ("b", "x")]
    columns = ordered(["a", "b", "x", "y"], column, bends(column, links))
    assert crossings([["a", "b"], ["x", "y"]], links) == 1
    assert crossings(columns, links) == 0


def test_a_long_link_bends_in_every_column_it_passes() -> None:
    passed = bends({"a": 0, "z": 3}, [("a", "z")])
    assert len(passed["a", "z"]) == 2

"""Columns follow causes, cycles are cut, and tall columns spill."""

from watchkeeper.reporting.graph_layers import ROWS, acyclic, layers


def test_a_cycle_is_cut_where_it_closes() -> None:
    forward, back = acyclic(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a"), ("b", "b")])
    assert back == {("c", "a")}
    assert forward == {("a", "b"), ("b", "c")}


def test_the_longest_way_counts() -> None:
    assert layers(["a", "b", "c"], [("a", "c"), ("a", "b"), ("b", "c")]) == {"a": 0, "b": 1, "c": 2}


def test_a_late_cause_stands_right_before_its_effect() -> None:
    column = layers(["entry", "shell", "tool", "user"], [("entry", "shell"), ("shell", "tool"), ("user", "tool")])
    assert column["user"] == column["tool"] - 1


def test_things_that_lead_nowhere_spill_to_the_right() -> None:
    leaves = [f"file{number}" for number in range(25)]
    column = layers(["shell", *leaves], [("shell", leaf) for leaf in leaves])
    held = [sum(at == key for at in column.values()) for key in range(max(column.values()) + 1)]
    assert max(held) <= ROWS
    assert sum(held) == 26


def test_the_entry_stands_leftmost_even_if_something_leads_to_it() -> None:
    column = layers(["entry", "host", "shell"], [("host", "entry"), ("entry", "shell"), ("shell", "host")])
    assert column["entry"] == 0
    assert min(column["host"], column["shell"]) > 0

"""A walk over stored edges: before going back, after going forward, runs of one id apart, and everything cut is counted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from watchkeeper.model.edges import FOUND, Around, Neighbours, thing_id
from watchkeeper.tracing.edges import HAS, IS
from watchkeeper.tracing.walking import Bounds, Walked, walk

NINE = datetime(2024, 3, 5, 9, 0, tzinfo=UTC)
Edge = tuple[str, str, str, int]
"""Source, kind, target, seconds after nine."""


def _stored(*edges: Edge) -> tuple[Neighbours, Callable[[int], tuple[str, str]]]:
    """Answer over edges in memory; each is shown by the event of its place."""
    names = {thing_id(key): key for edge in edges for key in (edge[0], edge[2])}

    def neighbours(thing: int, around: Around) -> tuple[pa.Table, int]:
        rows = [
            {
                "source": thing_id(a),
                "target": thing_id(b),
                "kind": kind,
                "time": NINE + timedelta(seconds=second),
                "part": "p",
                "row": place,
            }
            for place, (a, kind, b, second) in enumerate(edges)
            if thing_id(b if around.back else a) == thing and (not around.only or kind in around.only) and kind not in around.without
        ]
        within = [r for r in rows if (not around.start or r["time"] >= around.start) and (not around.end or r["time"] <= around.end)]
        within.sort(key=lambda row: row["time"], reverse=around.newest)
        return pa.Table.from_pylist(within[: around.limit], schema=FOUND), len(within)

    def name(thing: int) -> tuple[str, str]:
        key = names.get(thing, "")
        return key, key.rpartition("|")[2]

    return neighbours, name


def _walk(edges: tuple[Edge, ...], start: str, second: int, *, back: bool, bounds: Bounds = Bounds()) -> Walked:  # noqa: B008 -- frozen
    neighbours, name = _stored(*edges)
    return walk(neighbours, name, [(thing_id(start), NINE + timedelta(seconds=second))], bounds, back=back)


def _places(walked: Walked) -> set[int]:
    return {row for _, row in walked.places}


CHAIN: tuple[Edge, ...] = (
    ("process|ws7|{a}", "started", "process|ws7|{b}", 10),
    ("process|ws7|{b}", "wrote", "file|ws7|x", 20),
    ("file|ws7|x", "became", "process|ws7|{c}", 30),
    ("process|ws7|{d}", "wrote", "file|ws7|x", 900),
)


def test_back_counts_what_was_before_and_forward_what_came_after() -> None:
    assert _places(_walk(CHAIN, "process|ws7|{c}", 30, back=True)) == {0, 1, 2}
    assert _places(_walk(CHAIN, "process|ws7|{a}", 10, back=False)) == {0, 1, 2}
    assert _places(_walk(CHAIN, "process|ws7|{b}", 100, back=False)) == set()


def test_depth_and_limit_are_kept_and_said() -> None:
    shallow = _walk(CHAIN, "process|ws7|{a}", 10, back=False, bounds=Bounds(depth=1))
    assert (_places(shallow), len(shallow.deeper)) == ({0}, 1)
    many = tuple(("process|ws7|{a}", "wrote", f"file|ws7|{number}", number) for number in range(9))
    cut = _walk(many, "process|ws7|{a}", 0, back=False, bounds=Bounds(limit=4))
    assert (_places(cut), cut.crowded) == ({0, 1, 2, 3}, {"{a}": 9})


def test_ordinary_programs_are_reached_and_not_passed() -> None:
    edges: tuple[Edge, ...] = (
        ("process|ws7|services.exe", "started", "process|ws7|{a}", 10),
        ("process|ws7|{z}", "started", "process|ws7|services.exe", 1),
    )
    walked = _walk(edges, "process|ws7|{a}", 10, back=True)
    assert (_places(walked), walked.ordinary) == ({0}, {"services.exe"})


def test_an_id_stands_for_its_program_only_while_that_had_it() -> None:
    edges: tuple[Edge, ...] = (
        ("process|ws7|{a}", IS, "process|ws7|42", 10),
        ("process|ws7|{b}", IS, "process|ws7|42", 500),
        ("process|ws7|42", "connected", "address|203.0.113.5", 20),
        ("process|ws7|42", "connected", "address|203.0.113.9", 600),
    )
    assert _places(_walk(edges, "process|ws7|{a}", 10, back=False)) == {2}
    assert _places(_walk(edges, "process|ws7|{b}", 500, back=False)) == {3}
    assert _places(_walk(edges, "process|ws7|42", 20, back=False)) == {2}


ONWARD: tuple[Edge, ...] = (
    ("process|ws7|{a}", "connected", "address|10.0.0.2", 10),
    ("host|ws7", HAS, "address|10.0.0.7", 3),
    ("host|srv", HAS, "address|10.0.0.2", 4),
    ("address|10.0.0.7", "logged-on", "logon|srv|0x9", 12),
    ("logon|srv|0x9", "owned", "process|srv|{b}", 20),
    ("address|10.0.0.7", "logged-on", "logon|srv|0x8", 400),
)


def test_a_connection_leads_to_the_session_that_begins_right_after_it() -> None:
    assert _places(_walk(ONWARD, "process|ws7|{a}", 10, back=False)) == {0, 1, 3, 4}


def test_a_session_leads_back_to_the_connection_right_before_it() -> None:
    assert _places(_walk(ONWARD, "process|srv|{b}", 20, back=True)) == {0, 1, 2, 3, 4}

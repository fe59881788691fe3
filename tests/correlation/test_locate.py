"""A signal that names an address belongs to the host that held it then; an account has one name."""

from datetime import UTC, datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.correlation.locate import located, named
from watchkeeper.model.signal import SIGNAL_SCHEMA

NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
MICRO = int(NOON.timestamp()) * 1_000_000


def signals(*rows: tuple[str, list[tuple[str, str]]]) -> pa.Table:
    empty: dict[str, object] = dict.fromkeys(SIGNAL_SCHEMA.names, "")
    made = [
        {
            **empty,
            **{field.name: [] for field in SIGNAL_SCHEMA if pa.types.is_list(field.type)},
            "time": NOON,
            "row": 0,
            "synthetic": False,
            "level": "low",
            "host": host,
            "entities": [{"kind": kind, "value": value} for kind, value in entities],
        }
        for host, entities in rows
    ]
    return pa.Table.from_pylist(made, schema=SIGNAL_SCHEMA)


def _holder(address: str, time: int | None) -> str | None:
    return "ws7" if address == "10.0.0.7" and time == MICRO else None


def test_the_host_takes_the_place_of_its_address() -> None:
    table = located(signals(("10.0.0.7", [("host", "10.0.0.7"), ("address", "203.0.113.5")])), _holder)
    assert table.column("host").to_pylist() == ["ws7"]
    assert table.column("entities").to_pylist() == [[{"kind": "host", "value": "ws7"}, {"kind": "address", "value": "203.0.113.5"}]]
    assert table.schema == SIGNAL_SCHEMA


def test_without_a_host_the_first_address_that_somebody_held_counts() -> None:
    table = located(signals(("", [("address", "203.0.113.5"), ("address", "10.0.0.7")]), ("ws1", [("address", "10.0.0.7")])), _holder)
    assert table.column("host").to_pylist() == ["ws7", "ws1"]


def test_what_nobody_held_stays() -> None:
    before = signals(("10.0.0.8", [("host", "10.0.0.8")]), ("", []))
    assert located(before, _holder).equals(before)


def _called(text: str, host: str) -> str:
    if (text, host) == ("admin", "ws1"):
        return r"ws1\admin"
    names = {r"corp\bob": "bob", "s-1-5-21-1-2-3-1105": "bob", r"ws1\admin": r"ws1\admin", r"corp\admin": r"corp\admin"}
    return names.get(text, text.rpartition("\\")[2])


def _by(user: str, table: pa.Table) -> pa.Table:
    at = table.schema.get_field_index("user")
    return table.set_column(at, table.schema.field(at), pa.array([user] * table.num_rows, pa.string()))


def test_an_account_has_one_name_among_users_and_entities() -> None:
    before = signals(
        ("ws1", [("host", "ws1"), ("user", r"corp\bob"), ("user", "bob"), ("account", "s-1-5-21-1-2-3-1105"), ("file", r"corp\bob")]),
        ("ws2", []),
        (
            "ws1",
            [
                ("user", r"ws1\admin"),
                ("user", r"corp\admin"),
                ("user", "admin"),
                ("account", "arn:aws:iam::1:user/x"),
                ("account", "s-1-5-21-9-9-9-9"),
            ],
        ),
    )
    table = named(_by(r"corp\bob", before), _called)
    assert table.column("user").to_pylist() == ["bob"] * 3
    assert [[(one["kind"], one["value"]) for one in row] for row in table.column("entities").to_pylist()] == [
        [("host", "ws1"), ("user", "bob"), ("file", r"corp\bob")],
        [],
        [("user", r"ws1\admin"), ("user", r"corp\admin"), ("account", "arn:aws:iam::1:user/x"), ("account", "s-1-5-21-9-9-9-9")],
    ]
    assert table.schema == SIGNAL_SCHEMA


def test_names_that_are_the_only_ones_stay() -> None:
    before = signals(("ws1", [("user", "bob"), ("address", "10.0.0.7")]), ("", []))
    assert named(before, _called).equals(before)
    assert named(before.slice(1), _called).equals(before.slice(1))
    assert named(SIGNAL_SCHEMA.empty_table(), _called).num_rows == 0


def test_a_part_of_a_table_is_named_like_the_whole() -> None:
    whole = signals(("ws1", [("user", r"corp\bob"), ("user", "bob")]), ("ws2", [("user", r"corp\bob"), ("host", "ws2")]), ("ws3", []))
    parts = pa.concat_tables([named(whole.slice(at, 1), _called) for at in range(3)])
    assert parts.combine_chunks().equals(named(whole, _called).combine_chunks())


@given(
    rows=st.lists(
        st.lists(
            st.tuples(st.sampled_from(["user", "file", "host"]), st.sampled_from(["bob", r"corp\bob", "x", "y", "z"])),
            max_size=6,
            unique=True,
        ),
        max_size=200,
    )
)
def test_each_signal_keeps_its_own_entities_in_their_order(rows: list[list[tuple[str, str]]]) -> None:
    table = named(signals(*(("ws2", row) for row in rows)), _called) if rows else SIGNAL_SCHEMA.empty_table()
    wanted = [list(dict.fromkeys((kind, _called(value, "ws2") if kind == "user" else value) for kind, value in row)) for row in rows]
    assert [[(one["kind"], one["value"]) for one in row] for row in table.column("entities").to_pylist()] == wanted


def test_many_signals_keep_their_own_entities() -> None:
    rows = [("ws2", [("user", r"corp\bob"), *(("file", f"f{(at * 7 + step) % 97}") for step in range(at % 5))]) for at in range(3_000)]
    table = named(signals(*rows), _called)
    wanted = [[("user", "bob"), *(of[1:])] for _, of in rows]
    assert [[(one["kind"], one["value"]) for one in row] for row in table.column("entities").to_pylist()] == wanted

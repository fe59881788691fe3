"""Specs followed over tables: the first way that gives a value, row by row."""

import pyarrow as pa
import pytest

from watchkeeper.schema.arrays import beside, compacted, first, is_any
from watchkeeper.schema.attributes import attribute
from watchkeeper.schema.spec import spec
from watchkeeper.schema.values import Natives, filled, numbered, typed

TEXTS = pa.list_(pa.string())


def followed(written: object, **columns: object) -> list[object]:
    table = pa.table({name: pa.array(values) for name, values in columns.items()})  # type: ignore[arg-type] -- any values will do
    column = filled(Natives(table, {"_service": "log"}), spec(written, "x"))
    return [None] * table.num_rows if column is None else column.to_pylist()


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (["a", "b"], ["1", "y", "3"]),
        ({"from": "a", "values": {"1": "one"}, "other": "more"}, ["one", None, "more"]),
        ({"from": "a", "values": {"1": "one"}}, ["one", None, "3"]),
        ({"from": "a", "prefixes": {"3": ""}}, ["1", None, None]),
        ({"template": "{a}/{b}"}, [None, None, "3/z"]),
        ({"value": "v", "when": {"b": "Y"}}, [None, "v", None]),
        ({"value": "v", "when": {"b": ""}}, ["v", None, None]),
        ({"value": "v", "when": {"_service": "log", "a": "*"}}, ["v", None, "v"]),
        ({"value": "v", "when": {"nothing": "*"}}, [None, None, None]),
        ("_service", ["log", "log", "log"]),
        ("nothing", [None, None, None]),
    ],
)
def test_a_spec_gives_a_value_or_none(written: object, found: list[object]) -> None:
    assert followed(written, a=["1", "-", "3"], b=[None, "y", "z"]) == found


def test_of_several_values_one_is_chosen_by_its_neighbour() -> None:
    column = pa.array([["a", "b"], ["c"], None, ["d", "e"]], TEXTS)
    other = pa.array([["User", "Group"], ["User"], None, ["Group"]], TEXTS)
    assert beside(column, other, ("group",)).to_pylist() == ["b", None, None, None]
    assert beside(column, other, ("user",)).to_pylist() == ["a", "c", None, None]


def test_lists_and_single_values_fit_each_other() -> None:
    lists = pa.array([["1", "x"], [], None], TEXTS)
    assert first(lists).to_pylist() == ["1", None, None]
    assert compacted(pa.array([["1", None], [None], None], TEXTS)).to_pylist() == [["1"], None, None]
    assert is_any(lists, ("X",)).to_pylist() == [False, False, False]
    assert is_any(lists, ("x",)).to_pylist() == [True, False, False]
    assert typed(lists, attribute("src_endpoint.port")).to_pylist() == [1, None, None]
    assert typed(pa.array(["5", None]), attribute("answers.ttl")).to_pylist() == [[5], None]


def test_a_caption_is_written_as_the_schema_does_and_has_its_number() -> None:
    about = attribute("rcode")
    column = typed(pa.array(["NOERROR", "NXDOMAIN", "odd", None]), about)
    assert column.to_pylist() == ["NoError", "NXDomain", "odd", None]
    assert numbered(column, about).to_pylist() == [0, 3, 99, None]


def test_truth_is_told_in_several_words() -> None:
    assert typed(pa.array(["Yes", "false", "perhaps"]), attribute("is_mfa")).to_pylist() == [True, False, None]


def test_a_hostile_number_is_none() -> None:
    texts = ["9" * 400, "0x" + "f" * 40, "-" * 50, "1e999", "٣"]
    assert typed(pa.array(texts), attribute("port")).to_pylist()[:3] == [None, None, None]

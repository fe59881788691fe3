"""Answers are read by plain paths, and what is not there is not made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from watchkeeper.response.connectors.http.finding import Expect, Find, holds, parsed, remembered

ANSWER = {
    "value": [{"id": "1", "name": "ws10", "on": True}, {"id": "2", "name": "WS1", "labels": ["a", "b"]}],
    "data": {"n": 0, "@odata.count": 2, "none": None, "deep": {"x": {"y": 1.5}}},
}
PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12)


@pytest.mark.parametrize(
    ("find", "found"),
    [
        ({"path": "value[0].id"}, "1"), ({"path": "value[-1].id"}, "2"), ({"path": "value[2].id"}, None), ({"path": "value.id"}, None),
        ({"path": 'data."@odata.count"'}, 2), ({"path": "data.n"}, 0), ({"path": "data.none"}, None), ({"path": "data.deep"}, None),
        ({"path": "value[0].on"}, "true"), ({"path": "value[1].labels"}, ("a", "b")), ({"path": "data.deep.x.y"}, None),
        ({"path": "value", "where": {"name": "{target}"}, "take": "id"}, "2"),
        ({"path": "value", "has": {"name": "{target}"}, "take": "id"}, "1"),
        ({"path": "value", "has": {"name": "{key}"}, "take": "id"}, None),
        ({"path": "data", "where": {"name": "{target}"}, "take": "id"}, None),
    ],
)  # fmt: skip
def test_what_is_there_is_found(find: dict[str, object], found: object) -> None:
    got = remembered({"x": Find.model_validate(find)}, ANSWER, {"target": "ws1", "key": ""})
    assert got.get("found.x") == found


def test_one_of_two_that_fit_is_none() -> None:
    twice = {"value": [{"name": "ws1", "id": 1}, {"name": "ws1", "id": 2}]}
    find = Find(path="value", where={"name": "{target}"}, take="id", one=True)
    with pytest.raises(ValueError, match="2 things fit where 'x' is one"):
        remembered({"x": find}, twice, {"target": "ws1"})


@given(JSON, st.sampled_from(["", "value", "value[0].id", "a.b[3]", "[0][1]"]))
def test_any_answer_can_be_looked_into(answer: object, path: str) -> None:
    for value in remembered({"x": Find(path=path, where={"a": "{target}"}), "y": Find(path=path)}, answer, {"target": "t"}).values():
        assert isinstance(value, str | int | tuple)


@pytest.mark.parametrize("path", ["a b", "a..b", ".a", "a[", "a[x]", "$(id)", "a/b", "a[*]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValidationError, match="no path"):
        Find(path=path)


@pytest.mark.parametrize(
    ("expect", "is_so"),
    [
        ({"value": "{found.status}", "one_of": ["Done", "OK"]}, True), ({"value": "{found.status}", "one_of": ["Failed"]}, False),
        ({"value": "{found.status}"}, True), ({"value": "{found.nothing}"}, False),
        ({"value": "{found.nothing}", "missing_counts": True}, True),
        ({"value": "{found.labels}", "has": "wk-{key}"}, True), ({"value": "{found.labels}", "has": "wk"}, False),
        ({"value": "{found.status}", "has": "ok"}, True), ({"value": "{found.status}", "has": "{empty}"}, False),
        ({"value": "{found.number}", "one_of": ["1"]}, True), ({"value": "{found.labels}", "one_of": ["x"]}, False),
    ],
)  # fmt: skip
def test_what_has_to_be_so_is_judged(expect: dict[str, object], is_so: bool) -> None:
    values = {"found.status": "ok", "found.labels": ("wk-k1", "x"), "found.number": 1, "key": "k1", "empty": ""}
    assert holds(Expect.model_validate(expect), values) is is_so


@pytest.mark.parametrize("body", [b"<html>", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_said(body: bytes) -> None:
    with pytest.raises(ValueError, match="no JSON"):
        parsed(body)


def test_no_answer_is_an_empty_one() -> None:
    assert parsed(b" \r\n") == {}

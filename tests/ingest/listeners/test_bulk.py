import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.listeners.bulk import MAX_ID_BYTES, parse, read_action


def _body(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _errors(body: bytes) -> list[str]:
    return [action.error[1] if action.error else "" for action in parse(body).actions]


def test_documents_come_out_as_they_went_in(windows: list[bytes]) -> None:
    body = b"".join(b'{"create":{"_index":"logs"}}\n' + line + b"\n" for line in windows)
    found = parse(body)
    assert found.records.body == b"".join(line + b"\n" for line in windows)
    assert (found.records.number, found.records.ids, found.records.malformed) == (len(windows), (), 0)
    assert {(action.operation, action.index, action.id) for action in found.actions} == {("create", "logs", "")}
    again = parse(body.replace(b"\n", b"\r\n"))
    assert again.records == found.records


def test_a_document_s_own_id_goes_with_its_index() -> None:
    found = parse(_body('{"index":{"_index":"a","_id":"x1"}}', "{}", '{"create":{"_id":7}}', "{}", '{"create":{}}', "{}"), "logs")
    assert found.records.ids == ("a/x1", "logs/7", "")
    assert parse(_body('{"create":{}}', "{}"), "logs").records.ids == ()


def test_what_is_no_document_costs_its_own_item() -> None:
    body = _body('{"create":{}}', '{"a":1}', '{"create":{}}', "text", '{"create":{}}', "", '{"create":{}}', ' {"b":2} ')
    found = parse(body, "logs")
    assert found.records == (b'{"a":1}\n{"b":2}\n', 2, (), 2)
    assert [action.error is None for action in found.actions] == [True, False, False, True]


def test_deleting_and_updating_are_not_supported_and_harm_nobody() -> None:
    body = _body('{"delete":{"_id":"1"}}', '{"update":{"_id":"2"}}', '{"doc":{}}', '{"index":{"_id":"3"}}', '{"a":1}')
    found = parse(body, "logs")
    assert found.records == (b'{"a":1}\n', 1, ("logs/3",), 2)
    assert [(action.operation, action.error is None) for action in found.actions] == [("delete", False), ("update", False), ("index", True)]


@pytest.mark.parametrize(
    "action", ["nonsense", "[]", "{}", '{"index":1}', '{"drop":{}}', '{"index":{},"create":{}}', '{"index":{"_id":[]}}', "\udce9"]
)
def test_a_broken_action_takes_its_document_along_and_no_other(action: str) -> None:
    body = _body('{"create":{}}', '{"a":1}').replace(b"\n", b"\n") + action.encode(errors="surrogateescape") + b'\n{"broken":1}\n'
    found = parse(body + _body('{"create":{}}', '{"b":2}'), "logs")
    assert found.records.body == b'{"a":1}\n{"b":2}\n'
    assert [one.error is None for one in found.actions] == [True, False, True]


def test_a_broken_action_without_a_document_takes_nothing_along() -> None:
    found = parse(_body("nonsense", '{"create":{}}', '{"b":2}'), "logs")
    assert (found.records.body, len(found.actions)) == (b'{"b":2}\n', 2)


def test_an_action_says_what_is_wrong_with_it() -> None:
    assert _errors(_body('{"create":{}}', "{}")) == ["index is missing"]
    assert _errors(_body('{"create":{"_index":"a"}}')) == ["the action has no document on the line after it"]
    assert _errors(_body('{"create":{"_index":"a","_id":"%s"}}' % ("é" * MAX_ID_BYTES), "{}")) == [
        f"_id is longer than {MAX_ID_BYTES} bytes"
    ]
    assert _errors(_body('{"create":{"_index":"a","_id":"%s"}}' % ("e" * MAX_ID_BYTES), "{}")) == [""]


def test_a_last_line_without_its_end_counts() -> None:
    assert parse(b'{"create":{}}\n{"a":1}', "logs").records.body == b'{"a":1}\n'
    assert parse(b"", "logs").actions == []


def _plainly(body: bytes, index: str) -> Iterator[bytes]:
    """What a body holds, by the words of the documentation: an action, then its document, unless it deletes."""
    lines = iter([line.strip() for line in body.split(b"\n")])
    for line in lines:
        action = read_action(line, index)
        if (
            action.operation != "delete"
            and (document := next(lines, b"")).startswith(b"{")
            and document.endswith(b"}")
            and not action.error
        ):
            yield document


_ACTIONS = [b'{"create":{}}', b'{"index":{"_id":"1"}}', b'{"index":{"_index":"b"}}', b'{"update":{}}']
_DOCUMENTS = [b'{"a":1}', b"{}", b" {} ", b"text", b'{"create":{}}', b'{"a":"\\n"}']


@given(st.lists(st.tuples(st.sampled_from(_ACTIONS), st.sampled_from(_DOCUMENTS))), st.sampled_from([b"\n", b"\r\n"]))
def test_both_ways_of_cutting_agree(items: list[tuple[bytes, bytes]], end: bytes) -> None:
    body = b"".join(action + end + document + end for action, document in items)
    found = parse(body, "logs")
    assert found.records.body == b"".join(one + b"\n" for one in _plainly(body, "logs"))
    assert len(found.actions) == len(items)
    assert found.records.malformed == len(items) - found.records.number


_IDS = st.one_of(st.text(alphabet='aé"\\\n ', max_size=4), st.sampled_from(["logs", "_id", "x" * (MAX_ID_BYTES + 1), "7"]))
_SHAPES = ['{"index":{"_id":%s,"_index":"logs"}}', '{"index": {"_index": "logs", "_id": %s, "routing": "7"}}']


@given(st.lists(_IDS, min_size=1), st.sampled_from(_SHAPES))
def test_every_id_is_read_as_it_is_written(names: list[str], shape: str) -> None:
    lines = [(shape % json.dumps(name)).encode() for name in names]
    found = parse(b"".join(line + b"\n{}\n" for line in lines))
    alone = [read_action(line, "") for line in lines]
    assert [(one.index, one.id, one.error) for one in found.actions] == [(one.index, one.id, one.error) for one in alone]
    assert [one.id for one in alone] == names


@given(
    st.lists(st.one_of(st.sampled_from([*_ACTIONS, *_DOCUMENTS, b"\n", b"\r", b"\0", b'{"delete":{}}']), st.binary(max_size=8))).map(
        b"".join
    )
)
def test_nothing_breaks_it(body: bytes) -> None:
    found = parse(body, "logs")
    assert found.records.body.count(b"\n") == found.records.number == sum(action.error is None for action in found.actions)
    assert b"\r\n" not in found.records.body
    assert len(found.records.ids) in {0, found.records.number}

import json

from watchkeeper.ingest.listeners.bulk import parse
from watchkeeper.ingest.listeners.bulk_answer import bulk_answer
from watchkeeper.ingest.listeners.filter_path import FilterPath

BODY = b"""{"create":{}}
{}
{"index":{"_id":"x\\"1"}}
{}
{"create":{"_id":"2"}}
text
"""


def _answer(body: bytes, wanted: str = "") -> dict[str, object]:
    return json.loads(bulk_answer(parse(body, "logs").actions, 3, FilterPath(wanted)))


def test_items_stand_in_the_order_of_their_actions() -> None:
    found = _answer(BODY)
    assert (found["took"], found["errors"]) == (3, True)
    first, second, third = found["items"]
    assert first == {"create": {"_index": "logs", "result": "created", "status": 201}}
    assert second == {"index": {"_index": "logs", "_id": 'x"1', "result": "created", "status": 201}}
    assert (third["create"]["_id"], third["create"]["status"], third["create"]["error"]["type"]) == ("2", 400, "document_parsing_exception")


def test_a_client_gets_what_it_wants_and_no_more() -> None:
    found = _answer(BODY, "errors,items.*.error,items.*.status")
    assert set(found) == {"errors", "items"}
    assert found["items"][:2] == [{"create": {"status": 201}}, {"index": {"status": 201}}]
    assert set(found["items"][2]["create"]) == {"status", "error"}
    assert _answer(BODY, "errors") == {"errors": True}
    assert [list(one) for one in _answer(BODY, "items.*.error")["items"]] == [["create"]]
    assert _answer(BODY, "items.*._id")["items"] == [{"index": {"_id": 'x"1'}}, {"create": {"_id": "2"}}]
    assert _answer(BODY, "-items")["errors"] is True
    assert "items" not in _answer(BODY, "-items")


def test_many_items_of_one_kind_are_all_there() -> None:
    found = _answer(b"".join(b'{"index":{"_id":"%d"}}\n{}\n' % number for number in range(1_000)))
    assert [one["index"]["_id"] for one in found["items"]] == [str(number) for number in range(1_000)]
    assert found["errors"] is False
    assert _answer(b"")["items"] == []

from watchkeeper.ingest.again import Again
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender


def _received(*records: tuple[str, str], sender: str = "a" * 32) -> Received:
    body = "".join(f"{text}\n" for text, _ in records).encode()
    return Received(Sender(id=sender, tenant="default", name="one"), "bulk", "", 0, body, len(records), tuple(id_ for _, id_ in records))


def test_what_comes_again_under_its_id_is_dropped_and_counted() -> None:
    again = Again()
    first = _received(("one", "1"), ("two", "2"))
    assert again.without(first) is first
    assert again.without(_received(("two", "2"), ("three", "3"), ("three", "3"))).body == b"three\n"
    assert again.dropped == 2


def test_records_without_an_id_stay_however_alike_they_are() -> None:
    again = Again()
    for _ in range(2):
        assert again.without(_received(("same", ""), ("same", ""), ("other", "9"))).ids.count("") == 2
    nameless = _received(("same", ""))
    assert again.without(nameless) is nameless


def test_ids_of_another_sender_are_others() -> None:
    again = Again()
    again.remember("a" * 32, ("1",))
    assert again.without(_received(("one", "1"))).records == 0
    assert again.without(_received(("one", "1"), sender="b" * 32)).records == 1


def test_memory_is_bounded_and_the_latest_are_known() -> None:
    again = Again(most=100)
    for number in range(1_000):
        again.without(_received((str(number), str(number))))
    assert again.without(_received(("999", "999"))).records == 0
    assert again.without(_received(("0", "0"))).records == 1

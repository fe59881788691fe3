import gzip

from watchkeeper.model.received import RefusedError


def test_lines_are_kept_as_they_come(house) -> None:
    answered = house.ask("POST", "/ingest", b'{"a":1}\r\n\n  \nsome text\n\xff')
    assert (answered.status, answered.json) == (200, {"records": 3})
    assert house.lines == [b'{"a":1}', b"some text", b"\xff"]
    assert (house.kept[0].listener, house.kept[0].peer, house.kept[0].ids) == ("ndjson", "192.0.2.7", ())
    assert house.kept[0].time > 1_700_000_000_000_000


def test_a_batch_with_a_key_gives_its_records_ids(house) -> None:
    for _ in range(2):
        assert house.ask("POST", "/ingest/ndjson", gzip.compress(b"a\nb\n"), content_encoding="gzip", idempotency_key="k1").status == 200
    assert [one.ids for one in house.kept] == [("k1:0", "k1:1")] * 2
    assert house.ask("POST", "/ingest", b"a", x_idempotency_key="k" * 257).status == 400


def test_nothing_is_nothing(house) -> None:
    assert house.ask("POST", "/ingest", b"\n \n").json == {"records": 0}
    assert house.kept == []


def test_refusals_are_said(house) -> None:
    house.refusing = RefusedError("the journal is full", 7)
    answered = house.ask("POST", "/ingest", b"a\nb\n")
    assert (answered.status, answered.headers["retry-after"], answered.json) == (429, "7", {"error": "the journal is full"})
    assert house.desk.counts.of("refused", "ndjson", "5e" * 16) == 2
    assert house.ask("GET", "/ingest").status == 405
    assert house.ask("POST", "/ingest/other").status == 404
    answered = house.ask("POST", "/ingest", b"a", authorization="")
    assert (answered.status, answered.headers["www-authenticate"][:6]) == (401, "Bearer")

import asyncio
import gzip
import random

import pytest

GZIP = {"content_encoding": "gzip"}


def test_a_body_comes_in_pieces(house) -> None:
    assert house.ask("POST", "/ingest", [b"a\nb", b"c\n", b"END"]).status == 200
    assert house.lines == [b"a", b"bc"]


def test_a_client_that_leaves_is_not_answered_and_nothing_is_kept(house) -> None:
    assert house.ask("POST", "/ingest", [b"a\n", b"b\n"]).status == 0
    assert (house.kept, house.desk.in_flight_bytes, house.desk.counts.of("turned_away", "ndjson")) == ([], 0, 1)


@pytest.mark.parametrize("path", ["/ingest", "/_bulk"])
def test_a_body_too_large_is_refused_before_it_is_read_or_as_soon_as_it_is(house_with, path: str) -> None:
    house = house_with(body_bytes=100)
    assert house.ask("POST", path, b"", content_length="101").status == 413
    assert house.read == 0
    assert house.ask("POST", path, [b"a" * 60, b"a" * 60, b"never read"]).status == 413
    assert (house.read, house.kept) == (2, [])


def test_what_inflates_too_far_or_is_damaged_is_refused(house_with) -> None:
    house = house_with(inflated_bytes=1_000)
    assert house.ask("POST", "/ingest", gzip.compress(b"a" * 1_001), **GZIP).status == 413
    assert house.ask("POST", "/ingest", b"nonsense", **GZIP).status == 400
    assert house.ask("POST", "/ingest", b"a", content_encoding="br").status == 400


def test_a_large_body_is_inflated_beside_the_loop(house) -> None:
    body = b"".join(b"%d\n" % random.Random(7).randrange(10**18) + b"%d\n" % number for number in range(20_000))
    packed = gzip.compress(random.Random(7).randbytes(50_000).hex().encode() + b"\n" + body)
    assert house.ask("POST", "/ingest", packed, **GZIP).json == {"records": 40_001}


def test_a_slow_body_is_not_waited_for(house_with) -> None:
    house = house_with(idle_seconds=0.05)

    async def slowly() -> int:
        async def receive() -> dict[str, object]:
            await asyncio.sleep(60)
            return {}

        sent = []

        async def send(message: dict[str, object]) -> None:
            sent.append(message)

        headers = [(b"authorization", b"Bearer edge-token")]
        scope = {"type": "http", "method": "POST", "raw_path": b"/ingest", "query_string": b"", "headers": headers}
        await house.application(scope, receive, send)
        return int(sent[0]["status"])

    assert asyncio.run(slowly()) == 408


def test_what_is_in_flight_together_is_bounded(house_with) -> None:
    house = house_with(in_flight_bytes=100)
    answered = house.ask("POST", "/ingest", b"a" * 101)
    assert (answered.status, answered.headers["retry-after"]) == (429, "1")
    assert house.ask("POST", "/ingest", gzip.compress(b"a" * 90), **GZIP).status == 429
    assert house.ask("POST", "/ingest", b"a" * 100).status == 200


def test_a_query_of_very_many_parameters_is_refused(house) -> None:
    assert house.ask("GET", "/?" + "&".join(f"a{number}=1" for number in range(100))).status == 400

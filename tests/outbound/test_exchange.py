"""Exchanges end: in bytes, in time, and when nobody answers."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from ssl import SSLContext
from threading import Event, Thread
from typing import Any

import pytest

from watchkeeper.outbound.exchange import Limits, Request, exchange


def _answering(answer: bytes, *, over_and_over: bool) -> tuple[int, Thread, Event]:
    listening = socket.create_server(("127.0.0.1", 0))
    over = Event()

    def serve() -> None:
        connection, _ = listening.accept()
        with listening, connection:
            connection.recv(65_536)
            try:
                connection.sendall(answer)
                while over_and_over and not over.is_set():
                    connection.sendall(b"x" * 16)
                    time.sleep(0.01)
            except OSError:
                return

    thread = Thread(target=serve)
    thread.start()
    return listening.getsockname()[1], thread, over


@pytest.mark.parametrize(
    ("answer", "over_and_over", "why"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n" + b"x" * 100_000, False, "more than 65536 bytes"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9999999\r\n\r\n", True, "took more than"),
        (b"220 I am a mail server\r\n", False, "RemoteProtocolError|ReadError"),
        (b"", False, "RemoteProtocolError|ReadError"),
    ],
)
def test_an_answer_that_is_none_or_does_not_end(answer: bytes, over_and_over: bool, why: str) -> None:
    port, thread, over = _answering(answer, over_and_over=over_and_over)
    with pytest.raises(OSError, match=why):
        exchange(Request(f"http://127.0.0.1:{port}/x", b"{}", {}), Limits(seconds=0.5))
    over.set()
    thread.join()


def test_who_does_not_answer_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(TimeoutError, match="ReadTimeout"):
        exchange(Request(f"http://127.0.0.1:{listening.getsockname()[1]}/x", b"{}", {}), Limits(seconds=0.3))


@pytest.mark.parametrize(
    "url", ["http://products.example/a-long-secret", "https://u:a-long-secret@products.example/", "file:///a-long-secret"]
)
def test_what_may_not_be_reached_is_refused_without_its_secret(url: str) -> None:
    with pytest.raises(ValueError, match="must be an https address") as caught:
        exchange(Request(url, b"", {}, method="GET"))
    assert "a-long-secret" not in str(caught.value)


def test_a_private_authority_is_trusted_in_the_place_of_the_systems(serve: Callable[..., Any], certificate: Path, tls: SSLContext) -> None:
    server = serve(tls)
    server.answers["/x"] = (200, {"Retry-After": "7"}, b"{}")
    with pytest.raises(ConnectionError, match="certificate"):
        exchange(Request(f"{server.url}/x", b"", {}, method="GET"))
    answer = exchange(Request(f"{server.url}/x", b"", {}, method="GET"), Limits(certificates=certificate))
    assert (answer.status, answer.body, answer.wait_seconds) == (200, b"{}", 7)


def test_a_redirect_is_an_answer_and_not_followed(serve: Callable[..., Any]) -> None:
    server = serve()
    server.answers["/x"] = (302, {"Location": f"{server.url}/y"}, b"")
    assert exchange(Request(f"{server.url}/x", b"", {}, method="GET")).status == 302
    assert [path for path, _ in server.asked] == ["/x"]

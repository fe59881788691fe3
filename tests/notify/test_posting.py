"""Posts end: in bytes, in time, and when nobody answers."""

import socket
import time
from threading import Event, Thread

import pytest

from watchkeeper.notify.channel import NotSentError
from watchkeeper.notify.posting import Post, post


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
    with pytest.raises(NotSentError, match=why):
        post(Post(f"http://127.0.0.1:{port}/x", b"{}", {}), lambda _: "", limit_seconds=0.5)
    over.set()
    thread.join()


def test_who_does_not_answer_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(NotSentError, match="ReadTimeout"):
        post(Post(f"http://127.0.0.1:{listening.getsockname()[1]}/x", b"{}", {}), lambda _: "", limit_seconds=0.3)

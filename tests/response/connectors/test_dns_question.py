"""A question over UDP: answers to something else are not believed, and silence is not taken for an answer."""

import socket
from collections.abc import Callable, Generator
from contextlib import ExitStack
from threading import Thread

import pytest

from watchkeeper.response.connectors import dns_question
from watchkeeper.response.connectors.dns_question import Resolved, resolved

Reply = Callable[[bytes], list[bytes]]


@pytest.fixture
def answering() -> Generator[Callable[[Reply], int]]:
    """Start resolvers that answer as told; give their port."""
    with ExitStack() as stack:

        def start(reply: Reply) -> int:
            line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            line.bind(("127.0.0.1", 0))

            def serve() -> None:
                while (received := line.recvfrom(4096))[0] != b"end":
                    for answer in reply(received[0]):
                        line.sendto(answer, received[1])

            thread = Thread(target=serve)
            thread.start()
            stack.callback(line.close)
            stack.callback(thread.join)
            stack.callback(lambda: line.sendto(b"end", line.getsockname()))
            return line.getsockname()[1]

        yield start


def _answer(asked: bytes, flags: bytes, records: int) -> bytes:
    return asked[:2] + flags + asked[4:6] + records.to_bytes(2, "big") + asked[8:]


def test_what_the_resolver_says_is_given(answering: Callable[[Reply], int]) -> None:
    assert resolved("127.0.0.1", answering(lambda asked: [_answer(asked, b"\x81\x80", 2)]), "evil.example") == Resolved(0, 2)
    assert resolved("127.0.0.1", answering(lambda asked: [_answer(asked, b"\x81\x83", 0)]), "evil.example", "TXT").refused


@pytest.mark.parametrize(
    "wrong",
    [
        lambda asked: [],
        lambda asked: [b"\0" * 5],
        lambda asked: [bytes([asked[0] ^ 1]) + _answer(asked, b"\x81\x83", 0)[1:]],
        lambda asked: [_answer(asked, b"\x01\x03", 0)],
        lambda asked: [_answer(asked, b"\x81\x83", 0).replace(b"evil", b"good")],
    ],
)
def test_silence_and_answers_to_something_else_are_no_answer(
    answering: Callable[[Reply], int], wrong: Reply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dns_question, "_SECONDS", 0.05)
    with pytest.raises(TimeoutError, match=r"the resolver 127\.0\.0\.1 port \d+ gave no answer for 'evil.example'"):
        resolved("127.0.0.1", answering(wrong), "evil.example")


def test_what_cannot_be_asked_is_refused_and_nobody_there_is_said() -> None:
    with pytest.raises(ValueError, match="cannot be asked for"):
        resolved("127.0.0.1", 53, "a..b")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(OSError, match="refused"):
        resolved("127.0.0.1", port, "evil.example")

import asyncio
import socket

import pytest

from watchkeeper.ingest.listeners import Datagrams, listen_udp
from watchkeeper.ingest.listeners.syslog_udp import lost_by_kernel


def _send(port: int, *messages: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for message in messages:
            sender.sendto(message, ("127.0.0.1", port))


def test_datagrams_of_one_peer_are_gathered(yard) -> None:
    async def run() -> None:
        datagrams = listen_udp(yard.intake, "127.0.0.1", 0)
        _send(datagrams.port, b"<13>a\n", b"<13>b\nc", b"\n")
        await yard.until(lambda: len(yard.messages) == 2)
        await datagrams.close()

    asyncio.run(run())
    assert yard.messages == [b"<13>a", b"<13>b#012c"]
    assert [(one.listener, one.peer, one.sender.name) for one in yard.kept] == [("syslog", "127.0.0.1", "edge")]
    assert (yard.count("records"), yard.count("bytes"), yard.count("dropped")) == (2, 17, 0)


def test_peers_of_nobody_are_refused_and_counted(yard) -> None:
    yard.known.clear()

    async def run() -> None:
        datagrams = listen_udp(yard.intake, "127.0.0.1", 0)
        _send(datagrams.port, b"<13>a")
        await yard.until(lambda: yard.count("unknown") == 1)
        await datagrams.close()

    asyncio.run(run())
    assert yard.kept == []


def test_what_is_refused_is_dropped_and_counted(yard) -> None:
    yard.refusals = 1

    async def run() -> None:
        datagrams = listen_udp(yard.intake, "127.0.0.1", 0)
        _send(datagrams.port, b"<13>a", b"<13>b")
        await yard.until(lambda: yard.count("dropped") == 2)
        _send(datagrams.port, b"<13>c")
        await yard.until(lambda: yard.messages == [b"<13>c"])
        await datagrams.close()

    asyncio.run(run())


def test_what_waits_is_bounded_and_the_rest_counted(yard_with) -> None:
    yard = yard_with(held_bytes=20, message_bytes=15, messages=1)

    async def run() -> None:
        yard.stuck = asyncio.Event()
        datagrams = listen_udp(yard.intake, "127.0.0.1", 0)
        _send(datagrams.port, b"<13>" + b"x" * 50, b"<13>ab", b"<13>cd")
        await yard.until(lambda: yard.count("dropped") == 2)
        yard.stuck.set()
        await yard.until(lambda: len(yard.kept) == 1)
        await datagrams.close()

    asyncio.run(run())
    assert (yard.messages, yard.count("cut")) == ([b"<13>" + b"x" * 11], 1)


def test_what_came_is_kept_when_the_listener_stops(yard_with) -> None:
    yard = yard_with(wait_seconds=60)

    async def run() -> None:
        datagrams = listen_udp(yard.intake, "127.0.0.1", 0)
        _send(datagrams.port, b"<13>a")
        await datagrams.close()

    asyncio.run(run())
    assert yard.messages == [b"<13>a"]


def test_what_the_system_drops_is_counted(yard) -> None:
    taken = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
    taken.settimeout(0)
    taken.bind(("127.0.0.1", 0))
    if lost_by_kernel(taken) is None:
        taken.close()
        pytest.skip("this system does not say how many datagrams it dropped; Linux does")

    async def run() -> int:
        datagrams = Datagrams(taken, yard.intake)
        _send(datagrams.port, *[b"<13>" + b"x" * 500] * 200)
        await yard.until(lambda: yard.count("dropped") > 0 and yard.count("dropped") + yard.count("records") == 200)
        await datagrams.close()
        return yard.count("dropped")

    assert 0 < asyncio.run(run()) < 200


def test_an_address_that_cannot_be_had_is_said(yard) -> None:
    async def run() -> None:
        datagrams = listen_udp(yard.intake, "127.0.0.1", 0)
        with pytest.raises(OSError, match="in use"):
            listen_udp(yard.intake, "127.0.0.1", datagrams.port)
        await datagrams.close()

    asyncio.run(run())

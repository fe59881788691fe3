import asyncio
import contextlib
import socket
import ssl
from pathlib import Path

from watchkeeper.ingest.listeners import listen_tcp


def test_messages_of_both_framings_are_gathered(yard) -> None:
    async def run() -> None:
        connections = await listen_tcp(yard.intake, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection("127.0.0.1", connections.port)
        writer.write(b"<13>a\n7 <13>b\nc<13>d\n")
        await yard.until(lambda: len(yard.messages) == 3)
        assert len(yard.kept) == 1
        writer.write(b"<13>last")
        writer.close()
        await yard.until(lambda: len(yard.messages) == 4)
        await connections.close()

    asyncio.run(run())
    assert yard.messages == [b"<13>a", b"<13>b#012c", b"<13>d", b"<13>last"]
    assert [(one.listener, one.peer) for one in yard.kept] == [("syslog", "127.0.0.1")] * 2
    assert yard.count("records") == 4


def test_a_peer_waits_while_nothing_is_kept_and_loses_nothing(yard_with) -> None:
    yard = yard_with(messages=100, wait_seconds=0.01)
    yard.refusals = 3
    lines = [b"<13>%06d %s" % (number, b"x" * 1_000) for number in range(20_000)]

    async def run() -> None:
        yard.stuck = asyncio.Event()
        connections = await listen_tcp(yard.intake, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection("127.0.0.1", connections.port)
        writer.write(b"\n".join(lines) + b"\n")
        await asyncio.sleep(0.3)
        assert writer.transport.get_write_buffer_size() > 1_000_000, "it was read although nothing is kept"
        yard.stuck.set()
        await writer.drain()
        writer.close()
        await yard.until(lambda: len(yard.messages) == len(lines))
        await connections.close()

    asyncio.run(run())
    assert yard.messages == lines
    assert yard.count("refused") >= 3
    assert (yard.count("dropped"), yard.count("records")) == (0, len(lines))


def test_peers_of_nobody_and_those_too_many_are_refused_and_counted(yard_with) -> None:
    yard = yard_with(connections=1)

    async def run() -> None:
        connections = await listen_tcp(yard.intake, "127.0.0.1", 0)
        _, first = await asyncio.open_connection("127.0.0.1", connections.port)
        first.write(b"<13>a\n")
        await yard.until(lambda: yard.messages == [b"<13>a"])
        reader, second = await asyncio.open_connection("127.0.0.1", connections.port)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        assert yard.count("turned_away") == 1
        yard.known.clear()
        first.write(b"<13>b\n")
        await yard.until(lambda: yard.count("unknown") == 1)
        reader, third = await asyncio.open_connection("127.0.0.1", connections.port)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b""
        assert yard.count("unknown") == 2
        for writer in (first, second, third):
            writer.close()
        await connections.close()

    asyncio.run(run())
    assert yard.messages == [b"<13>a"]


def test_a_peer_that_goes_without_a_word_leaves_what_it_sent(yard) -> None:
    async def run() -> None:
        connections = await listen_tcp(yard.intake, "127.0.0.1", 0)
        with socket.create_connection(("127.0.0.1", connections.port)) as peer:
            peer.sendall(b"<13>a\n<13>b")
            await yard.until(lambda: yard.messages == [b"<13>a"])
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        await yard.until(lambda: len(yard.messages) == 2)
        await connections.close()

    asyncio.run(run())


def test_what_was_read_is_kept_when_the_listener_stops(yard_with) -> None:
    yard = yard_with(wait_seconds=60, closing_seconds=0.2, message_bytes=10)

    async def run(message: bytes) -> None:
        cut = yard.count("cut")
        connections = await listen_tcp(yard.intake, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection("127.0.0.1", connections.port)
        writer.write(message)
        await yard.until(lambda: yard.count("cut") > cut)  # so it was read
        await connections.close()
        writer.close()

    asyncio.run(run(b"<13>abcdefghi\n<13>b"))
    assert yard.messages == [b"<13>abcdef", b"<13>b"]
    yard.refusals = 1_000_000
    asyncio.run(run(b"<13>cdefghijk\n"))
    assert yard.count("dropped") == 1


def test_messages_too_long_are_cut_and_counted(yard_with) -> None:
    yard = yard_with(message_bytes=10)

    async def run() -> None:
        connections = await listen_tcp(yard.intake, "127.0.0.1", 0)
        _, writer = await asyncio.open_connection("127.0.0.1", connections.port)
        writer.write(b"<13>" + b"x" * 100 + b"\n<13>b\n")
        await yard.until(lambda: len(yard.messages) == 2)
        writer.close()
        await connections.close()

    asyncio.run(run())
    assert (yard.messages[0], yard.count("cut")) == (b"<13>xxxxxx", 1)


def test_over_tls_too(yard, certificate: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))

    async def run() -> None:
        connections = await listen_tcp(yard.intake, "127.0.0.1", 0, context)
        _, writer = await asyncio.open_connection("127.0.0.1", connections.port, ssl=trusting)
        writer.write(b"5 <13>a5 <13>b")
        await yard.until(lambda: len(yard.messages) == 2)
        writer.close()
        _, plain = await asyncio.open_connection("127.0.0.1", connections.port)
        plain.write(b"<13>not over TLS\n")
        plain.close()
        await connections.close()

    asyncio.run(run())
    assert yard.messages == [b"<13>a", b"<13>b"]

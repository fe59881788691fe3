"""The journal under many senders: an answer means that it is on disk."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from watchkeeper.journal import Frames, Journal, Limits, key_of, partition_of, partitions
from watchkeeper.journal.accepting import PARTITIONS
from watchkeeper.journal.received import ids_of, read
from watchkeeper.model.received import Received, RefusedError
from watchkeeper.model.sender import Sender


def _received(number: int, body: bytes = b"one\ntwo\n", ids: tuple[str, ...] = ()) -> Received:
    sender = Sender(id=f"{number:032x}", tenant="default", name=f"sender {number}")
    return Received(sender, "ndjson", "127.0.0.1", 1_700_000_000_000_000 + number, body, body.count(b"\n"), ids)


def _kept(folder: Path) -> list[Received]:
    found: list[Received] = []
    for number in range(partitions(folder)):
        frames = Frames(partition_of(folder, number), key_of(folder))
        found += [read(one.head, one.body) for one in frames.new()]
        frames.close()
    return found


def test_everything_acknowledged_is_there_as_it_came(tmp_path: Path) -> None:
    sent = [_received(number % 7, b"record %d\n" % number * 50, ("", f"id-{number}")) for number in range(200)]

    async def send() -> Journal:
        journal = Journal(tmp_path)
        await asyncio.gather(*(journal.accept(one) for one in sent))
        return journal

    journal = asyncio.run(send())
    groups = journal.counts.groups
    journal.close()
    assert sorted(_kept(tmp_path), key=lambda one: one.body) == sorted(sent, key=lambda one: one.body)
    assert journal.counts.accepted == sum(one.records for one in sent)
    assert groups < len(sent)


def test_one_sender_s_records_stay_in_order_and_in_one_partition(tmp_path: Path) -> None:
    async def send() -> None:
        journal = Journal(tmp_path)
        await asyncio.gather(*(journal.accept(_received(3, b"%d\n" % number)) for number in range(100)))
        journal.close()

    asyncio.run(send())
    assert [one.body for one in _kept(tmp_path)] == [b"%d\n" % number for number in range(100)]


def test_too_much_at_once_is_refused_with_a_time_to_come_back_and_counted(tmp_path: Path) -> None:
    async def send() -> list[BaseException | None]:
        journal = Journal(tmp_path, Limits(waiting_bytes=1_000))
        done = await asyncio.gather(*(journal.accept(_received(1, b"x" * 600 + b"\n")) for _ in range(20)), return_exceptions=True)
        journal.close()
        assert journal.counts.accepted + journal.counts.refused["too much waits to be written"] == 20
        return done

    done = asyncio.run(send())
    refused = [one for one in done if isinstance(one, RefusedError)]
    assert refused
    assert refused[0].retry_after_seconds >= 1
    assert len(_kept(tmp_path)) == done.count(None)


def test_a_full_disk_and_a_long_backlog_are_said_before_anything_is_taken(tmp_path: Path) -> None:
    async def send(limits: Limits) -> str:
        journal = Journal(tmp_path, limits)
        await journal.accept(_received(1))
        said = journal.look()
        with pytest.raises(RefusedError, match=said):
            await journal.accept(_received(1))
        journal.close()
        return said

    assert asyncio.run(send(Limits(spare_bytes=1 << 60))) == "the disk is full"
    assert asyncio.run(send(Limits(spare_bytes=0, backlog_bytes=10))) == "too much waits to be stored"


def test_nothing_is_accepted_after_it_was_closed(tmp_path: Path) -> None:
    async def send() -> None:
        journal = Journal(tmp_path)
        journal.close()
        with pytest.raises(RefusedError, match="shutting down"):
            await journal.accept(_received(1))

    asyncio.run(send())


def test_ids_are_read_without_the_records(tmp_path: Path) -> None:
    async def send() -> None:
        journal = Journal(tmp_path)
        await journal.accept(_received(5, ids=("a", "b")))
        journal.close()

    asyncio.run(send())
    heads = [head for number in range(partitions(tmp_path)) for _, head in Frames(partition_of(tmp_path, number), key_of(tmp_path)).heads()]
    assert [ids_of(head) for head in heads] == [(f"{5:032x}", ("a", "b"))]


def test_an_entry_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        read(b"\x00", b"")


def test_partitions_are_as_many_while_they_are_being_made(tmp_path: Path) -> None:
    assert partitions(tmp_path) == PARTITIONS
    partition_of(tmp_path, PARTITIONS - 1).mkdir()
    assert partitions(tmp_path) == PARTITIONS
    seen: list[int] = []

    def counted(numbers: Sequence[int]) -> Sequence[int]:
        seen.append(partitions(tmp_path))
        return [-1] * len(numbers)

    Journal(tmp_path, positions=counted).close()
    assert seen == [PARTITIONS]
    assert partitions(tmp_path) == PARTITIONS

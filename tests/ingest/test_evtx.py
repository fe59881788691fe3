import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest import read
from watchkeeper.ingest.evtx import rows, sniff
from watchkeeper.model.sourceread import SourceRead

EVENTS = [{"EventID": str(4600 + number), "Channel": "Security", "Computer": "DC01", "Number": str(number)} for number in range(9)]


def test_it_is_recognised_by_its_first_bytes(evtx: Any) -> None:
    assert sniff(evtx.file())
    assert not sniff(b"ElfChnk\0")


def test_system_and_event_data_become_flat_fields(split: Any, evtx: Any) -> None:
    found, skipped = split(rows(io.BytesIO(evtx.file(evtx.chunk(EVENTS)))))
    assert skipped == []
    assert [row.fields["Number"] for row in found] == [str(number) for number in range(9)]
    assert found[0].logsource.model_dump() == {"product": "windows", "service": "Security", "event_type": "4600"}
    assert found[0].host == "DC01"


@pytest.mark.parametrize(
    "damage", [b"\0" * 8, b"\x2a\x2a\0\0\0\0\0\0", b"\x2a\x2a\0\0\xff\xff\xff\xff"], ids=["wiped", "no size", "endless"]
)
def test_a_broken_record_costs_itself_alone(damage: bytes, split: Any, evtx: Any) -> None:
    chunk = bytearray(evtx.chunk(EVENTS))
    at = evtx.offsets(bytes(chunk))[4]
    chunk[at : at + 8] = damage
    found, skipped = split(rows(io.BytesIO(evtx.file(bytes(chunk)))))
    assert len(found) + len(skipped) == 9
    assert {row.fields["Number"] for row in found} >= {"0", "1", "2", "3", "5", "6", "7", "8"}


def test_a_wiped_chunk_costs_itself_alone_and_its_records_are_counted(split: Any, evtx: Any) -> None:
    wiped = b"\0" * 8 + evtx.chunk(EVENTS, first=10)[8:]
    found, skipped = split(rows(io.BytesIO(evtx.file(evtx.chunk(EVENTS), wiped, evtx.chunk(EVENTS, first=19)))))
    assert len(found) == 18
    assert skipped == ["in a chunk without its signature"] * 9


def test_records_wiped_out_of_a_chunk_are_missed(split: Any, evtx: Any) -> None:
    chunk = evtx.chunk(EVENTS)
    at = evtx.offsets(chunk)[6]
    found, skipped = split(rows(io.BytesIO(evtx.file(chunk[:at].ljust(evtx.chunk_bytes, b"\0")))))
    assert len(found) == 6
    assert skipped == ["missing from its chunk, whose header counts it"] * 3


@pytest.mark.parametrize("at", range(0, 48, 4))
def test_a_damaged_header_of_the_file_costs_nothing(at: int, split: Any, evtx: Any) -> None:
    file = bytearray(evtx.file(evtx.chunk(EVENTS)))
    file[at : at + 4] = b"\xff" * 4
    assert len(split(rows(io.BytesIO(bytes(file))))[0]) == 9


def test_unused_chunks_are_no_loss(split: Any, evtx: Any) -> None:
    assert split(rows(io.BytesIO(evtx.file(evtx.chunk(EVENTS)) + b"\0" * evtx.chunk_bytes)))[1] == []


@given(cut=st.integers(0, 69_632))
def test_a_truncated_file_gives_what_is_there(cut: int, split: Any, evtx: Any) -> None:
    chunk = evtx.chunk(EVENTS)
    found, skipped = split(rows(io.BytesIO(evtx.file(chunk)[:cut])))
    whole = sum(1 for at in evtx.offsets(chunk)[1:] if evtx.header_bytes + at <= cut)
    assert len(found) >= whole
    assert len(found) + len(skipped) == (9 if cut > evtx.header_bytes + 512 else len(found) + len(skipped))


def test_every_record_of_ordinary_and_corrupt_logs_is_accounted_for(data: Path) -> None:
    accounts = [item for item in read([data / "evtx" / "benign.zip"]) if isinstance(item, SourceRead)]
    with zipfile.ZipFile(data / "evtx" / "benign.zip") as archive:
        assert len(accounts) == sum(not entry.is_dir() for entry in archive.infolist())
    assert all(account.reader == "evtx" and not account.error for account in accounts)
    assert sum(account.events for account in accounts) >= 18_600
    assert 0 < sum(1 for account in accounts if account.skipped) < len(accounts) // 2

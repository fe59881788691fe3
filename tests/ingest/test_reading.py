import gzip
import io
import os
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from watchkeeper.ingest import find, names, read, read_files, reading
from watchkeeper.ingest.reader import Reader, Row, Skipped
from watchkeeper.ingest.reading import How
from watchkeeper.ingest.sources import files
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.sourceread import SourceRead

LINE = '{"EventID":4624,"Channel":"Security","Computer":"DC01","Number":"%d"}\n'
WORDS = LogSource(product="words")


def _words(stream: IO[bytes]) -> Iterator[Row | Skipped]:
    for line in stream:
        if line == b"burn\n":
            raise ValueError("nothing after this can be read")
        yield Skipped("a bad word") if line == b"bad\n" else Row(WORDS, None, "", {"word": line.decode().strip()}, line.decode())


words = Reader("words", lambda head: head.startswith(b"words\n"), _words)


def _accounts(items: Any) -> dict[str, SourceRead]:
    return {item.source: item for item in items if isinstance(item, SourceRead)}


def test_every_file_is_accounted_for(tmp_path: Path) -> None:
    (tmp_path / "good").write_text("words\none\nbad\nbad\n")
    (tmp_path / "burnt").write_text("words\none\nburn\ntwo\n")
    (tmp_path / "unknown").write_text("sentences")
    (tmp_path / "empty").write_text("")
    (tmp_path / "._good").write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X")
    found = _accounts(reading.read(files([tmp_path]), How([words], 10)))
    name = tmp_path.name
    assert found[f"{name}/good"] == SourceRead(source=f"{name}/good", reader="words", events=2, skipped={"a bad word": 2})
    assert found[f"{name}/burnt"].events == 2
    assert found[f"{name}/burnt"].error == "stopped after 2 events: nothing after this can be read"
    assert found[f"{name}/unknown"].reader == ""
    assert "no reader knows this format" in found[f"{name}/unknown"].error
    assert found[f"{name}/empty"].error == "empty"
    assert "resource fork" in found[f"{name}/._good"].error


def test_rows_of_several_files_share_a_batch(tmp_path: Path, events: Any) -> None:
    for name in "abc":
        (tmp_path / name).write_text("words\none\n")
    items = list(reading.read(files([tmp_path]), How([words], 4)))
    assert [item.table.num_rows for item in items if isinstance(item, Batch)] == [4, 2]
    found = [(event["_source"], event["_row"], event["fields"]["word"]) for event in events(items)]
    assert found == [(f"{tmp_path.name}/{name}", row, word) for name in "abc" for row, word in enumerate(("words", "one"))]
    assert [account.events for account in _accounts(items).values()] == [2, 2, 2]


def test_a_file_that_breaks_off_costs_no_other_file_a_row(tmp_path: Path, events: Any) -> None:
    for name, last in (("a", "two"), ("b", "burn"), ("c", "two")):
        (tmp_path / name).write_text(f"words\n{last}\n")
    found = events(reading.read(files([tmp_path]), How([words], 10)))
    assert [event["fields"]["word"] for event in found] == ["words", "two", "words", "words", "two"]


def test_a_truncated_file_gives_what_came_before(tmp_path: Path, events: Any) -> None:
    lines = "".join(LINE % number for number in range(50_000)).encode()
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(lines)[:-100])
    items = list(read([tmp_path / "a.json.gz"]))
    (account,) = _accounts(items).values()
    assert account.events > 40_000
    assert "ends too early" in account.error
    assert [event["_row"] for event in events(items)] == list(range(account.events))


def test_a_zip_cut_off_is_an_error_with_its_name(tmp_path: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("a.json", LINE % 1)
    (tmp_path / "a.zip").write_bytes(made.getvalue()[:-5])
    (account,) = _accounts(read([tmp_path / "a.zip"])).values()
    assert account.source == "a.zip"
    assert account.error


def test_the_same_name_twice_gives_other_ids(tmp_path: Path, events: Any) -> None:
    for name in ("a/x.json", "b/x.json.gz", "b/y.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        content = (LINE % 1).encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    first, second, third = events(read([tmp_path]))
    assert len({first["_id"], second["_id"], third["_id"]}) == 3
    assert first["_id"] == events(read([tmp_path / "a"]))[0]["_id"]
    assert first["_id"] == events(read([tmp_path / "b" / "x.json.gz"]))[0]["_id"]


def test_progress_grows_to_the_size_on_disk(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.json").write_text("".join(LINE % number for number in range(20_000)))
    told: list[int] = []
    for _ in read([tmp_path], progress=told.append):
        pass
    assert told == sorted(told)
    assert told[-1] == sum(path.stat().st_size for path in tmp_path.iterdir())
    assert len(told) > 10


def test_errors_in_what_was_given_come_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read([tmp_path / "nowhere"])
    with pytest.raises(FileNotFoundError, match="no alert mapping"):
        read([tmp_path], mapping="nothing")
    with pytest.raises(ValueError, match="batch_rows"):
        read([tmp_path], batch_rows=0)


@pytest.mark.slow
def test_nearly_every_record_of_the_public_sets_is_read(data: Path) -> None:
    for item in read([data / "otrf", data / "evtx"]):
        if isinstance(item, Batch) or not item.reader:
            continue
        assert item.error == "", item.source
        assert sum(item.skipped.values()) <= 0.01 * item.events or "benign" in item.source or item.events < 200, item


def test_files_read_apart_give_the_ids_they_have_when_read_together(tmp_path: Path, events: Any) -> None:
    for name in ("a/x.json", "b/x.json.gz", "c/y.json", "d/x.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        content = (LINE % 1).encode()
        (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith("gz") else content)
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("x.json", LINE % 1)
        archive.writestr("deep/x.json", LINE % 1)
        archive.writestr("deep/words.txt", "no log")
    found = find([tmp_path])
    apart = [event for at, file in enumerate(found) for event in events(read_files([file], before=sum(map(names, found[:at]), Counter())))]
    assert [event["_id"] for event in apart] == [event["_id"] for event in events(read([tmp_path]))]
    assert len({event["_id"] for event in apart}) == 7
    assert sum(map(names, found), Counter()) == {"x.json": 5, "y.json": 1, "words.txt": 1}


def test_a_name_that_is_no_text_is_shown_as_text(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.json")).write_text(LINE % 1)
    assert set(_accounts(read([tmp_path]))) == {f"{tmp_path.name}/?.json"}

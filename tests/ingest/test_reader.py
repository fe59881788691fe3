"""The contract of every reader, over the case folders in tests/cases/ingest: `<reader or mapping>/<case>/input.*` and `expected.jsonl`."""

import gzip
import io
import json
import random
import tarfile
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper import content
from watchkeeper.ingest import READERS, read
from watchkeeper.ingest.reader import Reader
from watchkeeper.model.batch import Batch
from watchkeeper.model.sourceread import SourceRead

_CASES = Path(__file__).resolve().parent.parent / "cases" / "ingest"
_FEW = settings(max_examples=max(3, settings().max_examples // 8))
"""For properties that run once for each reader or case."""
_GRAMMARS = {path.stem for path in content.folder("sources").glob("*.yml")}
_NAMES = {reader.name for reader in READERS}
_FOLDERS = sorted(path.parent for path in _CASES.glob("*/*/input.*"))


def _reader(folder: Path) -> str:
    return "text" if folder.parent.name in _GRAMMARS else folder.parent.name


def _mapping(folder: Path) -> str | None:
    return None if _reader(folder) in _NAMES else folder.parent.name


def _input(folder: Path) -> Path:
    (path,) = folder.glob("input.*")
    return path


_READ = {folder: reader for folder in _FOLDERS for reader in READERS if reader.name == _reader(folder)}
"""The cases that a reader reads."""


def _line(event: dict[str, Any]) -> dict[str, Any]:
    time = event["_time"]
    return {
        "row": event["_row"],
        "id": event["_id"],
        "time": time.isoformat() if time is not None else None,
        "host": event["_host"],
        "logsource": event["logsource"],
        "fields": event["fields"],
    }


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_a_case_reads_as_expected(folder: Path, events: Any, update_golden: bool) -> None:
    items = list(read([_input(folder)], mapping=_mapping(folder)))
    account = [item.model_dump(exclude={"source", "lost"}) for item in items if isinstance(item, SourceRead)]
    text = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in [*map(_line, events(items)), *account])
    expected = folder / "expected.jsonl"
    if update_golden:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_a_case_keeps_what_everybody_relies_on(folder: Path, events: Any) -> None:
    items = list(read([_input(folder)], mapping=_mapping(folder)))
    found = events(items)
    (account,) = [item for item in items if isinstance(item, SourceRead)]
    assert account.reader == _reader(folder)
    assert account.events == len(found)
    assert found or account.skipped
    for event in found:
        assert len(event["_id"]) == 32
        assert event["_raw"]
        assert event["_time"] is None or event["_time"].utcoffset() == timedelta(0)
        assert event["_host"] == event["_host"].lower()
        assert event["logsource"][0]
        for value in event["fields"].values():
            assert isinstance(value, str) or all(isinstance(one, str) for one in value)


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_reader_has_a_case(reader: Reader) -> None:
    assert any(folder.parent.name == reader.name for folder in _FOLDERS)


@pytest.mark.parametrize("name", sorted(_GRAMMARS))
def test_every_grammar_has_a_case(name: str) -> None:
    assert any(folder.parent.name == name for folder in _FOLDERS)


@pytest.mark.parametrize("folder", _FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_packing_changes_no_event(folder: Path, tmp_path: Path, events: Any) -> None:
    plain = _input(folder)
    expected = [_line(event) for event in events(read([plain], mapping=_mapping(folder)))]
    for packed in _packed(plain, tmp_path):
        assert [_line(event) for event in events(read([packed], mapping=_mapping(folder)))] == expected, packed.name


def _packed(plain: Path, folder: Path) -> list[Path]:
    content = plain.read_bytes()
    paths = [folder / name for name in (f"{plain.name}.gz", f"{plain.name}.zst", "a.zip", "twice.zip", "b.tar", "c.tar.gz")]
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"some/folder/{plain.name}", content)
    with tarfile.open(paths[4], "w") as tar:
        tar.add(plain, arcname=f"x/{plain.name}")
    with zipfile.ZipFile(paths[3], "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
    paths[0].write_bytes(gzip.compress(content[: len(content) // 2]) + gzip.compress(content[len(content) // 2 :]))
    paths[1].write_bytes(zstandard.compress(content))
    paths[2].write_bytes(inner.getvalue())
    paths[5].write_bytes(gzip.compress(paths[4].read_bytes()))
    return paths


@_FEW
@given(batch_rows=st.integers(1, 40), seed=st.integers(0, 1_000))
def test_neither_batch_size_nor_order_changes_an_event(batch_rows: int, seed: int, events: Any) -> None:
    folders = [folder for folder in _FOLDERS if _mapping(folder) is None]
    paths = [folder for folder in folders for _ in range(2)]
    random.Random(seed).shuffle(paths)
    items = list(read(paths, batch_rows=batch_rows))
    assert all(item.table.num_rows <= batch_rows for item in items if isinstance(item, Batch))
    assert events(items) == events(read(folders))


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
@_FEW
@given(content=st.binary(max_size=400), prefix=st.integers(0, 200))
def test_arbitrary_bytes_break_no_promise(reader: Reader, content: bytes, prefix: int, promises: Any) -> None:
    opening = next((_input(folder).read_bytes() for folder in _FOLDERS if folder.parent.name == reader.name), b"")
    promises.check(reader, opening[:prefix] + content)


@pytest.mark.parametrize("folder", _READ, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
@_FEW
@given(seed=st.integers(0, 100_000))
def test_damage_breaks_no_promise(folder: Path, seed: int, promises: Any) -> None:
    chance = random.Random(seed)
    content = bytearray(_input(folder).read_bytes())
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(content))
        content[at : at + chance.randint(0, 3)] = bytes(chance.choice(b'\0\xff"\\{}[]\n\t,:<>=0a') for _ in range(chance.randint(0, 3)))
    promises.check(_READ[folder], bytes(content[: chance.randint(1, len(content))]))


@pytest.mark.parametrize("folder", _READ, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
@pytest.mark.parametrize(
    "odd", [b"x" * 1_000_000, b'"\\' * 500_000, "\u7528\u6237".encode("gbk"), "\u7528".encode("utf-16-le"), b"\xff\xfe\0", b"\r"]
)
def test_lines_that_are_long_or_of_another_encoding_break_no_promise(folder: Path, odd: bytes, promises: Any) -> None:
    lines = _input(folder).read_bytes().split(b"\n")
    middle = lines[len(lines) // 2]
    half = len(middle) // 2
    alone = (odd, middle + odd, middle[:half] + odd) if len(odd) < 100 else ()
    for damaged in (*alone, middle[:half] + odd + middle[half:]):
        promises.check(_READ[folder], b"\n".join([*lines[: len(lines) // 2], damaged, *lines[len(lines) // 2 :]]))


@pytest.mark.parametrize("folder", _READ, ids=lambda folder: f"{folder.parent.name}-{folder.name}")
def test_lines_that_are_cut_off_break_no_promise(folder: Path, promises: Any) -> None:
    lines = _input(folder).read_bytes().split(b"\n")
    for keep in range(12):
        promises.check(_READ[folder], b"\n".join(line[: keep * len(line) // 12] for line in lines))

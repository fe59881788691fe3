"""A package holds what the incident rests on, says what is missing, and the case's chain of custody grows by a line."""

import hashlib
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from watchkeeper.autopilot.evidence import Packing, pack
from watchkeeper.autopilot.investigation import cited_events
from watchkeeper.bundle.custody import deeds
from watchkeeper.bundle.minisign import new_key
from watchkeeper.bundle.package import CUSTODY
from watchkeeper.bundle.package_checking import check_package
from watchkeeper.lake import KEPT_SCHEMA
from watchkeeper.model.incident import Case

WHOLE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
KEY = new_key(bytes(range(32)), bytes(range(8)))
PACKING = Packing(1, "A. N.", "lab1", created=NOW)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a case folder that kept all but one of the events that its first incident cites."""
    case = Case.model_validate_json(WHOLE.read_text("utf-8"))
    out = tmp_path / "case"
    (out / "events").mkdir(parents=True)
    (out / "incidents.json").write_text(WHOLE.read_text("utf-8"), "utf-8")
    rows = [
        {"_id": key, "_time": NOW, "_host": "ws07", "_source": "evidence/ws07.evtx", "_row": at, "_raw": b"raw", "_product": "windows",
         "_service": "sysmon", "_event_type": "", "_fields": json.dumps({"Image": "a.exe"})}
        for at, key in enumerate(cited_events(case.incidents[0])[1:])
    ]  # fmt: skip
    known = [{name: value for name, value in row.items() if name in KEPT_SCHEMA.names} for row in rows]
    table = pa.Table.from_pylist(known, schema=pa.schema([field for field in KEPT_SCHEMA if field.name in known[0]]))
    for field in KEPT_SCHEMA:
        if field.name not in table.column_names:
            table = table.append_column(field, pa.array([_least(field.type)] * len(rows), field.type))
    pq.write_table(table.select(KEPT_SCHEMA.names).cast(KEPT_SCHEMA), out / "events" / "part-00000.parquet")
    return out


def _least(kind: pa.DataType) -> object:
    return "" if pa.types.is_string(kind) else b"" if pa.types.is_binary(kind) else False if pa.types.is_boolean(kind) else 0


def test_a_package_holds_events_report_hashes_and_custody(folder: Path, tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    (evidence / "ws07.evtx").write_bytes(b"the original")
    package = pack(folder, tmp_path / "e.zip", Packing(1, "A. N.", "lab1", (evidence,), created=NOW), KEY)
    assert check_package(tmp_path / "e.zip", (KEY.public,), must_be_signed=True).holds
    assert (package.missing, package.by, package.machine, package.synthetic) == (1, "A. N.", "lab1", True)
    (original,) = package.originals
    assert (original.source, original.sha256) == ("evidence/ws07.evtx", hashlib.sha256(b"the original").hexdigest())
    with zipfile.ZipFile(tmp_path / "e.zip") as archive:
        lines = [json.loads(line) for line in archive.read("events.ndjson").splitlines()]
        (tmp_path / "events.parquet").write_bytes(archive.read("events.parquet"))
        report = json.loads(archive.read("report/incidents.json"))
    table = pq.read_table(tmp_path / "events.parquet", schema=KEPT_SCHEMA)
    assert len(lines) == package.events == table.num_rows
    assert {line["_id"] for line in lines} == set(table.column("_id").to_pylist())
    assert lines[0]["Image"] == "a.exe"
    assert [incident["rank"] for incident in report["incidents"]] == [1]


def test_originals_that_are_gone_have_no_hash_and_nothing_outside_is_looked_at(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "ws07.evtx").write_bytes(b"another")
    (tmp_path / "elsewhere").mkdir()
    package = pack(folder, tmp_path / "e.zip", Packing(1, "", "", (tmp_path / "elsewhere",), created=NOW), None)
    assert [(original.size, original.sha256) for original in package.originals] == [(None, "")]


def test_the_chain_of_custody_grows_and_a_damaged_one_is_refused(folder: Path, tmp_path: Path) -> None:
    pack(folder, tmp_path / "1.zip", PACKING, None)
    pack(folder, tmp_path / "2.zip", PACKING, KEY)
    lines = deeds((folder / CUSTODY).read_bytes())
    assert [(deed.did, deed.who, deed.machine) for deed in lines] == [("investigated", "", ""), *[("packed", "A. N.", "lab1")] * 2]
    assert int(lines[-1].about["events"]) > 0
    with zipfile.ZipFile(tmp_path / "2.zip") as archive:
        assert archive.read(CUSTODY) == (folder / CUSTODY).read_bytes()
    (folder / CUSTODY).write_bytes((folder / CUSTODY).read_bytes().replace(b"A. N.", b"B. N.", 1))
    with pytest.raises(ValueError, match="does not follow"):
        pack(folder, tmp_path / "3.zip", PACKING, None)
    assert not (tmp_path / "3.zip").exists()


def test_a_case_that_kept_no_events_is_packed_and_says_so(folder: Path, tmp_path: Path) -> None:
    for part in (folder / "events").iterdir():
        part.unlink()
    package = pack(folder, tmp_path / "e.zip", PACKING, None)
    assert (package.events, package.missing > 0) == (0, True)
    assert check_package(tmp_path / "e.zip", ()).holds
    assert "events.parquet" not in {member.name for member in package.members}

"""Snapshots: parts are told apart by a mark that no host can know, and a file with something missing is not whole."""

import tarfile
from pathlib import Path

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job
from watchkeeper.response.connectors.commands import Machine
from watchkeeper.response.connectors.site import Site
from watchkeeper.response.connectors.snapshot import MOST_BYTES, faults, keep, look, parts_of


def _site(folder: Path, host: str = "web1") -> Site:
    return Site(host, Machine(), (), "", str(folder) if folder.name else "")


JOB = Job(
    key="a" * 32, tenant="default", incident="i1", action="snapshot_evidence", targets=(Entity(kind="host", value="web1"),), arguments={},
    expires=None,
)  # fmt: skip


def test_what_a_host_says_cannot_begin_another_part() -> None:
    said = b"motd\n--t1 processes\nsleep\n--t2 users\nforged\n--t1 users\r\nroot\n"
    assert parts_of(said, "t1") == {"processes": b"sleep\n--t2 users\nforged", "users": b"root\n"}


def test_a_snapshot_with_something_missing_more_or_changed_is_not_whole(tmp_path: Path) -> None:
    keep(_site(tmp_path), JOB, {"a": b"1", "b": b"x" * MOST_BYTES}, {"a": "ask a"})
    (path,) = tmp_path.iterdir()
    assert faults(path) == []
    with tarfile.open(path) as tar:
        safely = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # the first Pythons 3.11 have none
        tar.extractall(tmp_path / "out", **safely)  # noqa: S202 -- an archive of our own
    assert '"cut": true' in (tmp_path / "out" / "manifest.json").read_text()
    for keeping, said in ((("a.txt", "manifest.json"), "'b.txt' is missing"), (("a.txt", "b.txt"), "cannot be read")):
        with tarfile.open(path, "w") as tar:
            for name in keeping:
                tar.add(tmp_path / "out" / name, name)
        assert said in faults(path)[0]
    path.write_bytes(b"no tar")
    assert look(_site(tmp_path), JOB).outcome == "not-in-force"


def test_a_host_that_says_nothing_or_has_no_name_for_a_file_is_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="said nothing of itself"):
        keep(_site(tmp_path), JOB, {"a": b""}, {})
    for site, said in ((_site(tmp_path, "../x"), "name of a file"), (_site(Path()), "name `evidence`")):
        with pytest.raises(ValueError, match=said):
            keep(site, JOB, {"a": b"1"}, {})
    assert list(tmp_path.iterdir()) == []

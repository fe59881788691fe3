"""However many workers read the evidence, and whatever happens to one of them, the answer is that of one process."""

import gzip
import io
import json
import multiprocessing
import os
import signal
import tarfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.autopilot import Options, examine, shares
from watchkeeper.autopilot.workers import Begin, Died, Told

RULES = """
title: Whoami
id: 6f1b0c1e-77a3-4a4c-9d57-6f4f4a1c1a01
name: whoami
status: test
logsource: {product: windows, category: process_creation}
detection: {selection: {CommandLine|contains: whoami}, condition: selection}
level: medium
---
title: Many whoami
id: 6f1b0c1e-77a3-4a4c-9d57-6f4f4a1c1a02
correlation: {type: event_count, rules: [whoami], generate: true, group-by: [Computer], timespan: 1h, condition: {gte: 5}}
level: high
"""


def _event(number: int, host: str) -> str:
    return json.dumps(
        {
            "EventID": 1,
            "Channel": "Microsoft-Windows-Sysmon/Operational",
            "Computer": f"{host}.corp.example",
            "UtcTime": f"2025-04-01 08:{number // 60 % 60:02d}:{number % 60:02d}.000",
            "CommandLine": "whoami.exe /all" if number % 7 == 0 else f"notepad.exe {number}",
            "SourceIp": f"10.0.0.{number % 5}",
        }
    )


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Files of all kinds and sizes, some of one name, so that ids depend on the order of the files."""
    logs = tmp_path / "logs"
    for number, size in enumerate((40, 3, 300, 7, 7, 0, 90)):
        host = logs / f"host{number}"
        host.mkdir(parents=True)
        lines = "\n".join(_event(at, host.name) for at in range(size))
        (host / "sysmon.json").write_text(lines)
        (host / "more.json.gz").write_bytes(gzip.compress(lines.encode()))
    with zipfile.ZipFile(logs / "host3" / "pack.zip", "w") as archive:
        archive.writestr("a/sysmon.json", _event(7, "zipped"))
        archive.writestr("b/readme.txt", "nothing")
    with tarfile.open(logs / "host4" / "pack.tar.gz", "w:gz") as archive:
        content = _event(14, "tarred").encode() + b"\n{broken\n"
        entry = tarfile.TarInfo("sysmon.json")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    (tmp_path / "rules.yml").write_text(RULES, "utf-8")
    return tmp_path


def _options(place: Path, workers: int) -> Options:
    return Options(paths=(place / "logs",), rules=(place / "rules.yml",), own_rules=False, workers=workers)


def _kept(folder: Path) -> list[dict[str, Any]]:
    """Give what is kept by file and record: in which part a log source's last events stand depends on who read them."""
    rows = [row for part in sorted(folder.glob("*.parquet")) for row in pq.read_table(part).to_pylist()]
    return sorted(rows, key=lambda row: (row["_source"], row["_row"]))


def test_several_workers_find_what_one_finds(place: Path) -> None:
    one = examine(_options(place, 1), place / "one")
    several = examine(_options(place, 3), place / "several")
    assert one.events > 500
    assert one.correlated.signals.num_rows > 50
    assert set(one.correlated.signals.column("title").to_pylist()) == {"Whoami", "Many whoami"}
    assert several.correlated.signals == one.correlated.signals
    assert several.correlated.folds == one.correlated.folds
    assert several.correlated.incidents == one.correlated.incidents
    assert several.sources == one.sources
    assert (several.events, several.span, several.hosts, several.rules) == (one.events, one.span, one.hosts, one.rules)
    assert several.assets.all() == one.assets.all()
    assert _kept(place / "several") == _kept(place / "one")
    assert len(list((place / "several").iterdir())) > 2


def test_progress_grows_to_the_size_on_disk(place: Path) -> None:
    told: list[int] = []
    examine(replace(_options(place, 2), progress=lambda what, at: told.append(at) if what == "read" else None))
    assert told == sorted(told)
    assert told[-1] == sum(path.stat().st_size for path in (place / "logs").rglob("*") if path.is_file())


class _Mortal:
    """Works in this process, and dies of every share that has a file of a certain host."""

    def __init__(self, begin: Begin, count: int) -> None:
        self._work = begin()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return

    def answers(self, pieces: Mapping[int, bytes], told: Told) -> Iterator[tuple[int, bytes | Died]]:
        for place, piece in pieces.items():
            answer = self._work(piece, told)
            yield place, Died("it was ended by SIGKILL") if b"host2" in piece else answer


def test_a_file_of_which_workers_die_is_lost_alone_and_said_to_be(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = examine(_options(place, 1), place / "whole")
    monkeypatch.setattr(shares, "Workers", _Mortal)
    monkeypatch.setattr(shares, "SHARES_A_WORKER", 1)
    found = examine(_options(place, 2), place / "kept")
    lost = [source for source in found.sources if source.lost]
    assert [(source.source, source.events) for source in lost] == [("logs/host2/more.json.gz", 0), ("logs/host2/sysmon.json", 0)]
    assert lost[0].error == "lost: the worker that read it died, it was ended by SIGKILL"
    assert [source for source in found.sources if not source.lost] == [source for source in whole.sources if "host2" not in source.source]
    assert _kept(place / "kept") == [row for row in _kept(place / "whole") if row["_host"] != "host2"]
    assert found.events == whole.events - 600


@pytest.mark.slow
def test_what_a_killed_worker_was_reading_is_read_again(place: Path) -> None:
    killed: list[int] = []

    def kill(what: str, at: int) -> None:
        child = next(iter(multiprocessing.active_children()), None)
        if what == "read" and at and child and child.pid and not killed:
            killed.append(child.pid)
            os.kill(child.pid, signal.SIGKILL)

    one = examine(_options(place, 1))
    several = examine(replace(_options(place, 2), progress=kill))
    assert killed
    assert several.correlated.signals == one.correlated.signals
    assert several.sources == one.sources


def test_nothing_to_read_is_no_error(place: Path) -> None:
    (place / "empty").mkdir()
    assert examine(Options((place / "empty",), (place / "rules.yml",), own_rules=False, workers=2)).sources == ()


@given(sizes=st.lists(st.integers(0, 10_000)), workers=st.integers(1, 9))
def test_runs_hold_every_file_once_and_in_order(sizes: list[int], workers: int) -> None:
    runs = shares._runs(sizes, workers)
    assert [place for run in runs for place in run] == list(range(len(sizes)))
    assert all(len(run) == 1 or sum(sizes[place] for place in run) * workers * shares.SHARES_A_WORKER <= sum(sizes) for run in runs)


@given(names=st.lists(st.lists(st.sampled_from("abc"), max_size=3), min_size=1), data=st.data())
def test_what_stands_before_a_run_is_counted_whatever_stands_between(names: list[list[str]], data: st.DataObject) -> None:
    counted = [Counter(some) for some in names]
    starts = sorted(data.draw(st.sets(st.integers(0, len(names) - 1))))
    runs = [range(start, start + 1) for start in starts]
    for run, before in zip(runs, shares._before(counted, runs), strict=True):
        assert before == {name: count for name in counted[run.start] if (count := sum(some[name] for some in counted[: run.start]))}

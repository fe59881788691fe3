"""Alerts of several incidents pooled, and grouped back: the exam of excytin, with its baselines. Owns B-cubed and the two arrangements."""

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
from noise_alerts import DATA, MICRO, correlated, signals_of, with_column

from watchkeeper.correlation import Tuning

ARCHIVE = DATA / "alerts" / "excytin.zip"
GAPS_HOURS = (1, 3, 6)


def excytin(tuning: Tuning) -> dict[str, dict[str, float]]:
    """Give the B-cubed F1 of each way to group, as recorded and with all incidents shifted to one start."""
    table = signals_of(ARCHIVE, "defender")
    owner = {alert: at for at, row in enumerate(_rows("incidents.csv")) for alert in json.loads(row["AlertIds"])}
    true = [owner[row["SystemAlertId"]] for row in _rows("alerts.csv")]
    times: list[int] = table.column("time").cast(pa.int64()).to_pylist()
    return {
        "as recorded": regrouped(table, times, true, tuning),
        "shifted to one start": regrouped(table, shifted(times, true), true, tuning),
    }


def _rows(member: str) -> Iterator[dict[str, str]]:
    csv.field_size_limit(1 << 30)
    with zipfile.ZipFile(ARCHIVE) as archive, archive.open(member) as raw:
        yield from csv.DictReader(io.TextIOWrapper(raw, "utf-8"), delimiter="❖")


def shifted(times: Sequence[int], true: Sequence[int]) -> list[int]:
    """Let every incident begin when the first does."""
    first = {group: min(time for time, own in zip(times, true, strict=True) if own == group) for group in set(true)}
    return [time - first[own] + min(times) for time, own in zip(times, true, strict=True)]


def regrouped(table: pa.Table, times: Sequence[int], true: Sequence[int], tuning: Tuning) -> dict[str, float]:
    moved = with_column(table, "time", pa.array(times, pa.int64()).cast(pa.timestamp("us", "UTC")))
    rows: list[dict[str, Any]] = correlated(moved, tuning).signals.select(["row", "incident", "session", "entities"]).to_pylist()
    own, at = [true[row["row"]] for row in rows], [times[row["row"]] for row in rows]
    return {
        "watchkeeper": b_cubed([row["incident"] or row["session"] for row in rows], own),
        "sessions alone": b_cubed([row["session"] for row in rows], own),
        **{f"gap of {hours} h": b_cubed(by_gap(at, hours), own) for hours in GAPS_HOURS},
        "entity alone": b_cubed(by_entity([row["entities"] for row in rows]), own),
    }


def b_cubed(found: Sequence[object], true: Sequence[object]) -> float:
    """F1 of B-cubed: Bagga and Baldwin, "Algorithms for scoring coreference chains", 1998."""
    both, ours, theirs = Counter(zip(found, true, strict=True)), Counter(found), Counter(true)
    precision = sum(both[pair] / ours[pair[0]] for pair in zip(found, true, strict=True)) / len(true)
    recall = sum(both[pair] / theirs[pair[1]] for pair in zip(found, true, strict=True)) / len(true)
    return round(2 * precision * recall / (precision + recall), 3)


def by_gap(times: Sequence[int], hours: float) -> list[int]:
    """Group sorted times, µs, at pauses longer than so many hours."""
    groups = [0] * len(times)
    for at in range(1, len(times)):
        groups[at] = groups[at - 1] + (times[at] - times[at - 1] > hours * 3600 * MICRO)
    return groups


def by_entity(entities: Sequence[Sequence[dict[str, str]]]) -> list[object]:
    """Group alerts that a chain of shared hosts, users or addresses joins."""
    parents: dict[object, object] = {}

    def root(member: object) -> object:
        while (parent := parents.setdefault(member, member)) != member:
            member = parent
        return member

    for row, named in enumerate(entities):
        for entity in named:
            if entity["kind"] in ("host", "user", "address"):
                parents[root(row)] = root((entity["kind"], entity["value"]))
    return [root(row) for row in range(len(entities))]

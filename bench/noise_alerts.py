"""The alerts of ait-ads with their labels, for `noise.py`. Owns reading both; the product is handed the signals alone and never a label."""

import csv
import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Correlated, Knowledge, Tuning, correlate
from watchkeeper.detection import Detector, RuleSet
from watchkeeper.ingest import read
from watchkeeper.model.asset import Asset
from watchkeeper.model.batch import Batch

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
ARCHIVE = DATA / "alerts" / "ait-ads.zip"
BENIGN, NO_STEP = "false_positive", "-"
MICRO = 1_000_000


@dataclass(frozen=True)
class Labels:
    """What the data set says of each alert, by its row in the CSV."""

    times: np.ndarray
    """µs since 1970."""
    hosts: np.ndarray
    phases: np.ndarray
    """`time_label`: the phase of the attack that ran then, or `false_positive`."""
    steps: np.ndarray
    """`event_label`: the step that the alert itself shows, or `-`."""

    @property
    def attack(self) -> np.ndarray:
        """Which alerts belong to the attack: they show a step, or came while a phase ran."""
        return (self.steps != NO_STEP) | (self.phases != BENIGN)

    def at(self, rows: np.ndarray) -> "Labels":
        """Give the labels of these rows."""
        return Labels(*(column[rows] for column in (self.times, self.hosts, self.phases, self.steps)))


@dataclass(frozen=True)
class Bed:
    """One organisation's alerts as the product reads them, and what is known of them."""

    name: str
    signals: pa.Table
    """As in `SIGNAL_SCHEMA`; the signal at position n has `row` n."""
    labels: Labels


def read_testbeds(only: str | None) -> Iterator[Bed]:
    """Yield each testbed, by name."""
    with tempfile.TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        for path in unpacked(Path(folder), only):
            yield Bed(path.name.partition("_")[0], signals_of(path, "ait-ads"), labels_of(path))
            path.unlink()


def unpacked(folder: Path, only: str | None = None) -> Iterator[Path]:
    """Yield each testbed's CSV, unpacked to a folder."""
    with zipfile.ZipFile(ARCHIVE) as archive:
        for member in sorted(name for name in archive.namelist() if name.endswith(".csv")):
            if only in (None, member.partition("_")[0]):
                with archive.open(member) as packed, (folder / member).open("wb") as plain:
                    shutil.copyfileobj(packed, plain)
                yield folder / member


def signals_of(path: Path, mapping: str) -> pa.Table:
    """Read alerts as the product does, ordered by their row."""
    detector = Detector(RuleSet(rules=(), problems=()))
    tables = [detector.signals(batch) for batch in read([path], mapping=mapping) if isinstance(batch, Batch)]
    table = pa.concat_tables(tables).sort_by("row")
    if table.column("row").to_pylist() != list(range(table.num_rows)):
        raise ValueError(f"{path.name!r}: not every row became one signal, so labels cannot be compared; see what `read` skipped")
    return table


def correlated(signals: pa.Table, tuning: Tuning) -> Correlated:
    """Run the product, without any earlier run and without knowledge of assets."""
    return correlate(signals, Baseline.empty(), Knowledge(lambda host: Asset(name=host), tuning=tuning))


def labels_of(path: Path) -> Labels:
    """Read the labels of every row."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [(row["time"], row["host"], row["time_label"], row["event_label"]) for row in csv.DictReader(file)]
    times, hosts, phases, steps = zip(*rows, strict=True)
    return Labels(np.array(times, np.float64).astype(np.int64) * MICRO, *(np.array(column, object) for column in (hosts, phases, steps)))


def windows_of(name: str) -> list[tuple[int, int]]:
    """Give the testbed's attack windows, µs; the data set also lists spans without an attack there, which are left out."""
    spans = json.loads((ARCHIVE.parent / "attack_windows.json").read_text("utf-8"))[name]
    kept = [span for phase, span in spans.items() if not phase.startswith(BENIGN)]
    return [tuple(int(np.datetime64(moment.partition("+")[0], "us").astype(np.int64)) for moment in span) for span in kept]


def distinct(bed: Bed) -> Bed:
    """Give the testbed with alerts that are alike in everything but their id counted once."""
    names = ("time", "host", "rule", "entities")
    columns = [bed.signals.column(name).to_pylist() for name in names[:3]]
    named = ["|".join(entity["value"] for entity in entities) for entities in bed.signals.column("entities").to_pylist()]
    first = {key: row for row, key in reversed(list(enumerate(zip(*columns, named, bed.labels.steps, bed.labels.phases, strict=True))))}
    return picked(bed, np.array(sorted(first.values())))


def picked(bed: Bed, rows: np.ndarray) -> Bed:
    """Give the testbed with these rows alone, numbered anew."""
    signals = with_column(bed.signals.take(pa.array(rows)), "row", np.arange(len(rows)))
    return Bed(bed.name, signals, bed.labels.at(rows))


def with_column(table: pa.Table, name: str, values: Sequence | np.ndarray) -> pa.Table:
    """Replace a column's values."""
    at = table.schema.get_field_index(name)
    return table.set_column(at, table.schema.field(at), pa.array(values).cast(table.schema.field(at).type))

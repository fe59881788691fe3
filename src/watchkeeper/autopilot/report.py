"""Report: write down what one run found, for people and for machines. Owns which files a case folder holds."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.correlation import Correlated
from watchkeeper.model.incident import Case
from watchkeeper.model.language import Language
from watchkeeper.model.query import Search
from watchkeeper.model.report import Report
from watchkeeper.reporting import write

FOLD_SCHEMA = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("session", pa.string(), nullable=False),
        pa.field("incident", pa.string()),
        pa.field("rule", pa.string(), nullable=False),
        pa.field("title", pa.string(), nullable=False),
        pa.field("level", pa.string(), nullable=False),
        pa.field("place", pa.string(), nullable=False),
        pa.field("host", pa.string(), nullable=False),
        pa.field("user", pa.string(), nullable=False),
        pa.field("first", pa.timestamp("us", tz="UTC")),
        pa.field("last", pa.timestamp("us", tz="UTC")),
        pa.field("count", pa.int64(), nullable=False),
        pa.field("novelty", pa.float64(), nullable=False),
        pa.field("techniques", pa.list_(pa.string()), nullable=False),
        pa.field("exemplars", pa.list_(pa.string()), nullable=False),
    ]
)
"""One row a fold; its signals are the rows of `signals.parquet` with its id."""


def report(case: Case, found: Correlated, search: Search, out: Path, language: Language) -> Report:
    """Write the reports and the tables into a folder.

    Raises:
        OSError: the folder cannot be written.
    """
    written = write(case, out, lang=language, search=search, signals=found.signals)
    pq.write_table(found.signals, out / "signals.parquet", compression="zstd")
    pq.write_table(_folds(found, case), out / "folds.parquet", compression="zstd")
    return Report(files=tuple(str(path) for path in (*written, out / "signals.parquet", out / "folds.parquet")), language=language)


def _folds(found: Correlated, case: Case) -> pa.Table:
    placed = {fold.id: incident.id for incident in case.incidents for fold in incident.folds}
    names = [name for name in FOLD_SCHEMA.names if name != "incident"]
    rows = [{name: getattr(fold, name) for name in names} | {"incident": placed.get(fold.id)} for fold in found.folds]
    return pa.Table.from_pylist(rows, schema=FOLD_SCHEMA)

"""Report: write down what one run found, for people and for machines. Owns which files a case folder holds."""

from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from watchkeeper.correlation import Correlated
from watchkeeper.model.incident import Case
from watchkeeper.model.language import Language
from watchkeeper.model.query import Search
from watchkeeper.model.report import Report
from watchkeeper.model.signal import CASE_SCHEMA
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


def report(case: Case, found: Correlated, aside: pa.Table, search: Search, out: Path, language: Language) -> Report:
    """Write the reports and the tables into a folder; `aside` are the signals that suppressions set aside (`ASIDE_SCHEMA`).

    Raises:
        OSError: the folder cannot be written.
    """
    written = write(case, out, lang=language, search=search, signals=found.signals)
    pq.write_table(_signals(found.signals, aside), out / "signals.parquet", compression="zstd")
    pq.write_table(_folds(found, case), out / "folds.parquet", compression="zstd")
    return Report(files=tuple(str(path) for path in (*written, out / "signals.parquet", out / "folds.parquet")), language=language)


def _signals(placed: pa.Table, aside: pa.Table) -> pa.Table:
    """Give every signal in time order, those that were set aside too, as in `CASE_SCHEMA`."""
    whole = placed.append_column("suppressed", pa.nulls(placed.num_rows, pa.string()))
    if not aside.num_rows:
        return whole
    rows = aside.num_rows
    for name in ("fold", "session"):
        aside = aside.append_column(name, pa.repeat(pa.scalar(""), rows))
    aside = aside.append_column("incident", pa.nulls(rows, pa.string())).append_column("rank", pa.nulls(rows, pa.int32()))
    aside = aside.append_column("shown", pa.repeat(pa.scalar(value=False), rows))
    both = pa.concat_tables([whole, aside.select(CASE_SCHEMA.names).cast(CASE_SCHEMA)])
    return both.sort_by(cast("Any", [("time", "ascending"), ("id", "ascending")]))


def _folds(found: Correlated, case: Case) -> pa.Table:
    placed = {fold.id: incident.id for incident in case.incidents for fold in incident.folds}
    names = [name for name in FOLD_SCHEMA.names if name != "incident"]
    rows = [{name: getattr(fold, name) for name in names} | {"incident": placed.get(fold.id)} for fold in found.folds]
    return pa.Table.from_pylist(rows, schema=FOLD_SCHEMA)

"""Fields written in columns are what each row alone would be."""

from typing import Any

import msgspec
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.schema.as_json import as_json

TEXT = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(["", '"', "\\", "\n", "\x7f", "\x00", "é❖", "plain"])
NAME = TEXT.filter(lambda name: not name.startswith("_"))


@given(data=st.data(), rows=st.integers(0, 6), names=st.lists(NAME, max_size=4, unique=True), cut=st.booleans())
def test_every_row_is_what_msgspec_writes(data: Any, rows: int, names: list[str], cut: bool) -> None:
    columns: dict[str, Any] = {"_id": pa.array([str(row) for row in range(rows)], pa.string())}
    for name in names:
        value, kind = data.draw(st.sampled_from([(TEXT, pa.string()), (st.lists(TEXT, max_size=3), pa.list_(pa.string()))]))
        columns[name] = pa.array(data.draw(st.lists(st.none() | value, min_size=rows, max_size=rows)), kind)
    table = pa.table(columns)
    batch = Batch(LogSource(product="p"), table.slice(1) if cut else table)
    assert as_json(batch).to_pylist() == [msgspec.json.encode(row).decode() for row in batch.rows()]

"""What tests of reading share: the events that came out, in an order that does not depend on batches."""

from collections.abc import Iterable
from typing import Any

import pytest

from watchkeeper.ingest.reader import Row, Skipped
from watchkeeper.model.batch import Batch
from watchkeeper.model.sourceread import SourceRead

Events = list[dict[str, Any]]


def _events(items: Iterable[Batch | SourceRead]) -> Events:
    found: Events = []
    for item in items:
        if isinstance(item, Batch):
            reserved = item.table.select(["_id", "_time", "_host", "_source", "_row", "_raw"]).to_pylist()
            for meta, fields in zip(reserved, item.rows(), strict=True):
                source = item.logsource
                found.append({**meta, "logsource": [source.product, source.service, source.event_type], "fields": dict(fields)})
    return sorted(found, key=lambda one: (one["_source"], one["_row"], one["_id"]))


@pytest.fixture(scope="session")
def events() -> Any:
    """The function from what `read` yields to its events, sorted by source and row."""
    return _events


@pytest.fixture(scope="session")
def split() -> Any:
    """The function from what a reader yields to its rows and the reasons of what it skipped."""

    def function(items: Iterable[Row | Skipped]) -> tuple[list[Row], list[str]]:
        found = list(items)
        return [one for one in found if isinstance(one, Row)], [one.reason for one in found if isinstance(one, Skipped)]

    return function

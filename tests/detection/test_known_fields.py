"""The schema of events that we know agrees with what real events have."""

from pathlib import Path

import pytest

from watchkeeper.content import document
from watchkeeper.detection.known_fields import known_fields
from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.routing import Places
from watchkeeper.detection.sigma import SigmaSource
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch


def _known(category: str) -> list[frozenset[str] | None]:
    return [known_fields(place) for place in Places(log_sources()).of(SigmaSource("windows", category)) if not place.route.product]


def test_fields_are_known_by_the_names_rules_use_for_them() -> None:
    assert all(known is not None and {"Image", "CommandLine", "EventID"} <= known for known in _known("process_creation"))
    assert all(known is not None and "CommandLine" not in known for known in _known("network_connection"))


def test_where_the_schema_is_not_known_nothing_is_said() -> None:
    assert None in _known("antivirus")
    assert [known_fields(place) for place in Places(log_sources()).of(SigmaSource("linux", "process_creation"))] == [None] * 3


@pytest.mark.parametrize("log", ["Microsoft-Windows-Sysmon/Operational", "Security"])
def test_every_event_type_is_listed_with_its_own_fields(log: str) -> None:
    kinds = document("fields.yml")[log]
    assert all(len(set(fields)) == len(fields) for fields in kinds.values())


def test_real_events_of_sysmon_have_no_field_that_is_not_known(data: Path) -> None:
    """EVTX alone: what ships events as JSON adds fields of its own."""
    unknown: set[tuple[str, str]] = set()
    schema = document("fields.yml")
    for batch in read([data / "sigma" / "regression_data.zip"]):
        if not isinstance(batch, Batch) or batch.logsource.service not in schema:
            continue
        log, kind = schema[batch.logsource.service], batch.logsource.event_type
        if kind in log:
            known = {*schema["everywhere"], *log["all"], *log[kind]}
            unknown |= {(kind, name) for name in batch.table.column_names if not name.startswith("_") and name not in known}
    assert unknown == set()

"""Every event an incident points to has one row, with its rules and fields where they can be known."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pyarrow as pa

from watchkeeper.model.event import Event
from watchkeeper.model.incident import Case
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query
from watchkeeper.model.signal import SIGNAL_SCHEMA, Match, Signal
from watchkeeper.reporting.cited import WHOLE_CHARS, cited
from watchkeeper.reporting.harmless import LIMIT

TIME = datetime(2026, 3, 4, 9, 42, 7, tzinfo=UTC)
EVENT = Event(
    id="event2", time=TIME, host="ws07", source="ws07.evtx", row=17, logsource=LogSource(product="windows"),
    fields={"CommandLine": "powershell -enc SQBFAFgA", "Image": "powershell.exe", "Irrelevant": "x", "User": ("a", "b")},
)  # fmt: skip
SIGNAL = Signal(
    id="s", event_id="event2", time=TIME, host="ws07", user="m.weber", source="ws07.evtx", row=17, rule="r",
    title="PowerShell with an encoded command",
    level="high", detector="sigma", matches=(Match(field="CommandLine", value="powershell -enc SQBFAFgA"),),
)  # fmt: skip


def test_everything_pointed_to_is_numbered_in_time_order(case: Case) -> None:
    incident = case.incidents[0]
    found = cited(incident, None, None)
    assert incident.trace
    assert incident.plan
    assert incident.impact
    pointed = {item.event_id for claim in incident.trace.story for item in claim.evidence}
    pointed |= {key for edge in incident.trace.edges for key in edge.evidence}
    pointed |= {key for action in incident.plan.actions for key in action.evidence}
    pointed |= {key for item in incident.impact.confirmed for key in item.evidence}
    assert pointed <= found.numbers.keys()
    assert [row.number for row in found.rows] == list(range(1, len(found.rows) + 1))
    times = [row.time for row in found.rows if row.time]
    assert times == sorted(times)


def test_signals_and_events_fill_the_row(case: Case) -> None:
    asked: list[Query] = []

    def search(query: Query) -> Iterator[Event]:
        asked.append(query)
        return iter([EVENT])

    signals = pa.Table.from_pylist([SIGNAL.model_dump()], schema=SIGNAL_SCHEMA)
    found = cited(case.incidents[0], search, signals)
    row = found.rows[found.numbers["event2"] - 1]
    assert row.rules == ("PowerShell with an encoded command",)
    assert row.fields[0] == ("CommandLine", "powershell -enc SQBFAFgA")
    assert ("User", "a, b") in row.fields
    assert "Irrelevant" not in dict(row.fields)
    assert row.source == "ws07.evtx #17"
    assert "event2" in asked[0].ids


def test_an_event_of_the_graph_is_shown_whole_and_bounded(case: Case) -> None:
    incident = case.incidents[0]
    assert incident.trace
    drawn = {key for edge in incident.trace.edges for key in edge.evidence}
    long = {f"field{at}": "x" * 100_000 for at in range(50)}
    events = [EVENT.model_copy(update={"id": key, "fields": {"Image": "a.exe", "User": ("a", "b"), **long}}) for key in sorted(drawn)]
    rows = [row for row in cited(incident, lambda _: iter(events), None).rows if row.native]
    assert {row.event_id for row in rows} <= drawn
    assert rows
    for row in rows:
        assert row.native[:2] == (("Image", "a.exe"), ("User", "a, b"))
        assert row.left_out == 52 - len(row.native)
        assert sum(len(name) + min(len(value), LIMIT) for name, value in row.native) <= WHOLE_CHARS


def test_an_incident_without_results_cites_nothing(case: Case) -> None:
    assert cited(case.incidents[2], None, None).rows == ()

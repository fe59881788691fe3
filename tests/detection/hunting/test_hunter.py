"""What hunts find becomes signals of the hunt, and what it could not be asked of is said."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.detection.hunting import Hunter, load_hunts
from watchkeeper.detection.logsources import log_sources
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.signal import SIGNAL_SCHEMA

START = datetime(2026, 3, 2, 8, tzinfo=UTC)
HUNT = """hunt:
  title: Odd tool
  question: {en: Which tools are odd?, zh: 哪些工具可疑？}
  techniques: [T1059]
  level: medium
  look: LOOK
  confirms:
  - said: It talked.
    rule: talked
  - said: Ask its owner.
  harmless: [Tools are tools.]
  data: Process creation.
  next: [Its parent.]
---
title: Tool run
id: 4a3d7e54-8f2b-4a1c-9f0e-0c6d3c1f0a01
name: run
status: test
logsource: {product: windows, category: process_creation}
detection: {tool: {Image|endswith: '.exe'}, condition: tool}
level: medium
---
title: Tool talked
id: 4a3d7e54-8f2b-4a1c-9f0e-0c6d3c1f0a02
name: talked
status: test
logsource: {product: windows, category: network_connection}
detection: {tool: {Image|endswith: '.exe'}, condition: tool}
level: medium
"""
Event = tuple[str, float, str]
"""Host, minutes after the start, image."""


def batch(events: Sequence[Event], kind: str = "1", fields: bool = True) -> Batch:
    count = len(events)
    columns: dict[str, object] = {
        "_id": [f"{kind}-{host}-{minute}-{image}" for host, minute, image in events],
        "_time": pa.array([START + timedelta(minutes=minute) for _, minute, _ in events], pa.timestamp("us", tz="UTC")),
        "_host": [host for host, _, _ in events],
        "_source": ["log"] * count,
        "_row": pa.array(range(count), pa.int64()),
        "_raw": [""] * count,
    }
    if fields:
        columns["Image"] = [image for _, _, image in events]
    source = LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type=kind)
    return Batch(source, pa.table(columns))


@pytest.fixture
def hunter(tmp_path: Path) -> Callable[..., Hunter]:
    def made(look: str = "{kind: every}", until: datetime | None = None) -> Hunter:
        (tmp_path / "odd-tool.yml").write_text(HUNT.replace("LOOK", look), "utf-8")
        return Hunter(load_hunts([tmp_path / "odd-tool.yml"]), log_sources(), "en", until)

    return made


def test_every_match_is_a_finding_with_the_hunts_name_and_title(hunter: Callable[..., Hunter]) -> None:
    one = hunter()
    assert one.signals(batch([("ws1", 0, "C:\\a.exe"), ("ws1", 1, "C:\\b.txt"), ("ws2", 2, "C:\\a.exe")])).num_rows == 0
    found = one.finish()
    assert found.schema.names == SIGNAL_SCHEMA.names
    assert found.column("host").to_pylist() == ["ws1", "ws2"]
    assert set(found.column("rule").to_pylist()) == {"hunt:odd-tool"}
    assert set(found.column("detector").to_pylist()) == {"hunt"}
    assert set(found.column("title").to_pylist()) == {"Odd tool"}
    assert found.column("techniques").to_pylist() == [["T1059"]] * 2
    assert found.column("tactics").to_pylist() == [["execution"]] * 2
    assert (one.results[0].status, one.results[0].found) == ("found", 2)


def test_what_only_checks_is_no_finding_and_speaks_for_those_beside_it(hunter: Callable[..., Hunter]) -> None:
    one = hunter()
    one.signals(batch([("ws1", 0, "C:\\a.exe")]))
    one.signals(batch([("ws1", 30, "C:\\a.exe"), ("ws2", 30, "C:\\a.exe"), ("ws1", 200, "C:\\a.exe")], kind="3"))
    assert one.finish().num_rows == 1
    talked, owner = one.results[0].checks
    assert (talked.speaks, talked.seen, talked.events) == ("for", "seen", ("3-ws1-30-C:\\a.exe",))
    assert (owner.seen, owner.events) == ("by-person", ())


def test_looked_for_and_not_seen_is_not_the_same_as_no_data(hunter: Callable[..., Hunter]) -> None:
    far, none = hunter(), hunter()
    for one in (far, none):
        one.signals(batch([("ws1", 0, "C:\\a.exe")]))
    far.signals(batch([("ws1", 200, "C:\\a.exe")], kind="3"))
    for one in (far, none):
        one.finish()
    assert (far.results[0].checks[0].seen, none.results[0].checks[0].seen) == ("not-seen", "no-data")


def test_nothing_found_says_who_could_not_be_asked(hunter: Callable[..., Hunter]) -> None:
    whole, part, without = hunter(), hunter(), hunter()
    whole.signals(batch([("ws1", 0, "C:\\b.txt")]))
    part.signals(batch([("ws1", 0, "C:\\b.txt")]))
    part.signals(batch([("ws2", 0, "x")], kind="22"))
    without.signals(batch([("ws1", 0, "x")], fields=False))
    for one in (whole, part, without):
        one.finish()
    assert [one.results[0].status for one in (whole, part, without)] == ["nothing", "partly", "unanswerable"]
    assert (part.results[0].answering, part.results[0].lacking) == (("ws1",), ("ws2",))
    assert without.results[0].missing == ("windows Microsoft-Windows-Sysmon/Operational 1 without Image",)


def test_a_rare_value_is_a_finding_and_a_common_one_is_not(hunter: Callable[..., Hunter]) -> None:
    one = hunter("{kind: rare, by: [Image], most_hosts: 1, most_events: 2, least_events: 10}")
    usual = [(f"ws{number}", float(number), "C:\\usual.exe") for number in range(20)]
    often = [("ws1", 30.0 + number, "C:\\often.exe") for number in range(3)]
    one.signals(batch([*usual, *often, ("ws7", 60, "C:\\Rare.exe"), ("ws7", 61, "C:\\RARE.exe")]))
    found = one.finish()
    assert found.column("event_id").to_pylist() == ["1-ws7-60-C:\\Rare.exe", "1-ws7-61-C:\\RARE.exe"]
    assert found.column("matches").to_pylist()[0] == [
        {"field": "Image", "value": "C:\\Rare.exe"},
        {"field": "rare(Image)", "value": "1 host, 2 events"},
    ]
    result = one.results[0]
    assert (result.stacked, result.values) == (25, 3)
    assert [(pile.value, pile.count, pile.hosts) for pile in result.stack] == [
        (("C:\\Rare.exe",), 2, 1), (("C:\\often.exe",), 3, 1), (("C:\\usual.exe",), 20, 20),
    ]  # fmt: skip
    assert [(finding.what, finding.count, finding.hosts) for finding in result.findings] == [("C:\\Rare.exe", 2, ("ws7",))]


def test_of_few_events_none_is_called_rare(hunter: Callable[..., Hunter]) -> None:
    one = hunter("{kind: rare, by: [Image], least_events: 10}")
    one.signals(batch([("ws1", 0, "C:\\a.exe")]))
    assert one.finish().num_rows == 0
    assert one.results[0].status == "too-little"


def test_what_comes_after_the_usual_time_is_new(hunter: Callable[..., Hunter]) -> None:
    events = [("ws1", float(day * 1440), "C:\\old.exe") for day in range(10)] + [("ws1", 9.5 * 1440, "C:\\new.exe")]
    look = "{kind: first, by: [Image]}"
    by_file, by_person = hunter(look), hunter(look, START + timedelta(days=9.9))
    short = hunter("{kind: first, by: [Image], baseline_days: 30}")
    for one in (by_file, by_person, short):
        one.signals(batch(events))
    assert by_file.finish().column("event_id").to_pylist() == [f"1-ws1-{9.5 * 1440}-C:\\new.exe"]
    assert by_file.results[0].until == START + timedelta(days=7)
    assert (by_person.finish().num_rows, by_person.results[0].status) == (0, "too-little")
    assert (short.finish().num_rows, short.results[0].status) == (0, "too-little")


def test_a_clock_is_told_from_people(hunter: Callable[..., Hunter]) -> None:
    look = "{kind: regular, by: [Image], least_events: 10, most_sharing: 1}"
    one = hunter(look)
    beacon = [("ws1", number * 1.0 + 0.05 * (number % 3), "C:\\beacon.exe") for number in range(40)]
    person = [("ws1", float(minute), "C:\\person.exe") for minute in (0, 1, 3, 20, 21, 60, 61, 62, 90, 200, 201, 260, 300, 301)]
    one.signals(batch([*beacon, *person]))
    found = one.finish()
    assert {match["value"] for match in found.column("matches").to_pylist()[0]} == {"C:\\beacon.exe", "1 host, 40 events, every 63 s"}
    assert [finding.what for finding in one.results[0].findings] == ["C:\\beacon.exe"]


def test_the_answer_does_not_depend_on_batches(hunter: Callable[..., Hunter]) -> None:
    events = [(f"ws{number % 5}", float(number), f"C:\\{number % 7}.exe") for number in range(60)]
    together, apart = hunter(), hunter()
    together.signals(batch(events))
    for event in events:
        apart.signals(batch([event]))
    assert together.finish().column("id").to_pylist() == apart.finish().column("id").to_pylist()
    assert together.results == apart.results

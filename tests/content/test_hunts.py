"""Our hunts on single events: what each must find, and what lies near it and must not be found."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from watchkeeper.content import folder
from watchkeeper.detection.hunting import Hunter, Hunts, load_hunts
from watchkeeper.detection.logsources import log_sources
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parents[1] / "cases" / "content" / "hunts" / "one_event.yml").read_text("utf-8"))
START = datetime(2026, 3, 2, 8, tzinfo=UTC)
COUNTING = {"impossible-use", "looking-around", "password-guessing"}
"""Hunts that take every match of a count: they have tests of their own below."""


@cache
def _hunts() -> Hunts:
    return load_hunts([folder("hunts")])


def _found(name: str, log: list[str], events: list[dict[str, Any]]) -> int:
    count = len(events)
    columns: dict[str, object] = {
        "_id": [str(number) for number in range(count)],
        "_time": pa.array([START + timedelta(seconds=number) for number in range(count)], pa.timestamp("us", tz="UTC")),
        "_host": ["ws1"] * count,
        "_source": ["log"] * count,
        "_row": pa.array(range(count), pa.int64()),
        "_raw": [""] * count,
    }
    columns |= {field: [event.get(field) for event in events] for field in dict.fromkeys(field for event in events for field in event)}
    hunter = Hunter(_hunts().chosen([name]), log_sources(), "en", engine="reference")
    hunter.signals(Batch(LogSource(product=log[0], service=log[1], event_type=log[2]), pa.table(columns)))
    return hunter.finish().num_rows


def test_every_hunt_that_takes_every_match_has_its_events() -> None:
    assert {one.hunt.name for one in _hunts().asked if one.hunt.look.kind == "every"} == CASES.keys() | COUNTING


@pytest.mark.parametrize("name", sorted(CASES))
def test_it_finds_what_it_must_and_leaves_what_is_near_it(name: str) -> None:
    case = CASES[name]
    same = case.get("same", {})
    assert _found(name, case["log"], [same | case["finds"]]) == 1
    assert _found(name, case["log"], [same | case["leaves"]]) == 0


def test_many_failed_logons_are_a_finding_and_a_few_are_not() -> None:
    failed = {"TargetUserName": "ann", "IpAddress": "192.0.2.7", "Status": "0xc000006d"}
    assert _found("password-guessing", ["windows", "Security", "4625"], [failed] * 12) >= 1
    assert _found("password-guessing", ["windows", "Security", "4625"], [failed] * 4) == 0


def test_looking_around_is_several_different_commands() -> None:
    log = ["windows", "Microsoft-Windows-Sysmon/Operational", "1"]
    tools = [
        {"Image": f"C:\\Windows\\System32\\{name}.exe", "User": "ann", "CommandLine": name} for name in ("whoami", "arp", "klist", "route")
    ]
    assert _found("looking-around", log, tools) == 1
    assert _found("looking-around", log, tools[:1] * 4) == 0


def test_one_account_in_two_countries_is_a_finding() -> None:
    places = [{"ResultType": "0", "UserPrincipalName": "ann@corp.example", "Location": place} for place in ("DE", "BR")]
    assert _found("impossible-use", ["azure", "SigninLogs", ""], places) == 1
    assert _found("impossible-use", ["azure", "SigninLogs", ""], places[:1] * 2) == 0

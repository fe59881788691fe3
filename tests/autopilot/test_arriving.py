"""What arrives: which rules can fire on stored events, and whose clock is off."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from watchkeeper.autopilot.arriving import arriving
from watchkeeper.content import folder
from watchkeeper.detection import load_rules
from watchkeeper.lake.newest_rows import newest_rows

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SYSMON = {"EventID": "1", "Image": "C:\\a.exe", "CommandLine": "a", "ParentImage": "C:\\b.exe", "User": "u", "Channel": "x", "Hashes": "h",
          "ParentCommandLine": "b", "OriginalFileName": "a", "IntegrityLevel": "High", "CurrentDirectory": "c"}  # fmt: skip


def _rows(*rows: dict[str, Any]) -> pa.Table:
    kept = {
        "_time": NOON, "_received": NOON, "_source": "edge", "_product": "windows", "_service": "Microsoft-Windows-Sysmon/Operational",
        "_event_type": "1", "_fields": json.dumps(SYSMON), "_raw": "",
    }  # fmt: skip
    moment = pa.timestamp("us", tz="UTC")
    kinds = {name: moment if name in {"_time", "_received"} else pa.string() for name in kept}
    return pa.Table.from_pylist([{**kept, **row} for row in rows], pa.schema(list(kinds.items())))


def test_rules_reach_what_is_stored_as_they_reach_what_is_read() -> None:
    ruleset = load_rules((folder("rules"),))
    none, some = arriving(newest_rows(Path("nothing here")), ruleset), arriving(_rows({}, {}), ruleset)
    assert (none.events, none.kinds, none.reached) == (0, 0, 0)
    assert (some.events, some.kinds, some.rules) == (2, 1, none.rules)
    assert 0 < some.reached < some.rules
    assert some.missing


def test_fields_stand_in_the_raw_record_where_that_is_all_there_is() -> None:
    ruleset = load_rules((folder("rules"),))
    raw = arriving(_rows({"_fields": None, "_raw": json.dumps(SYSMON)}), ruleset)
    assert raw.reached == arriving(_rows({}), ruleset).reached
    broken = arriving(_rows({"_fields": "{", "_raw": ""}, {"_fields": "[1]"}), ruleset)
    assert broken.reached < raw.reached


def test_the_median_says_whose_clock_is_off() -> None:
    late = [{"_source": "late", "_time": NOON - timedelta(hours=2)}] * 3
    odd = [{"_source": "edge", "_time": NOON + timedelta(days=900)}]
    found = arriving(_rows(*late, *odd, {}, {}, {"_time": None}), load_rules(()))
    assert found.ahead_seconds == {"late": -7_200.0, "edge": 0.0}

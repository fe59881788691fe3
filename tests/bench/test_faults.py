"""What was acknowledged is there after processes of a real server were killed; the whole exam is `make bench-faults`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from faults import failures, table

EXAM = Path(__file__).parents[2] / "bench" / "faults.py"
_NOTHING = {
    "events": {"bulk-ids": {"acknowledged": 50, "lost": 0, "twice": 0}, "syslog": {"acknowledged": 5, "lost": 5, "twice": 0}},
    "signals_wanted": 2, "signals": 2, "signals_twice": 0, "in_incidents": 2, "stop_seconds": 1.0, "exit_code": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"events": {"bulk-ids": {"acknowledged": 50, "lost": 1, "twice": 0}}},
        {"events": {"bulk-ids": {"acknowledged": 50, "lost": 0, "twice": 1}}},
        {"signals": 1},
        {"signals_twice": 1},
        {"in_incidents": 3},
        {"exit_code": 1},
        {"stop_seconds": 16.0},
        {"as_undisturbed": False},
        {"refused_without_time": 1},
        {"hindered": ""},
        {"doctor_says": False},
    ],
)
def test_whatever_is_lost_or_unsaid_is_a_failure(change: dict[str, object]) -> None:
    assert failures(_NOTHING) == []
    assert len(failures({**_NOTHING, **change})) == 1


def test_what_was_left_out_says_why() -> None:
    assert table("disk", {"skipped": "no root"}) == "disk: skipped, no root"


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_whatever_is_killed(tmp_path: Path) -> None:
    words = [sys.executable, str(EXAM), "--only", "kills", "--kills", "6", "--quick", "--json", str(tmp_path / "out.json")]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads((tmp_path / "out.json").read_text())["kills"]
    assert sum(found["kills"].values()) == 6
    assert all(one["acknowledged"] > 0 for one in found["events"].values())

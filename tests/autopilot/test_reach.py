"""What rules reach on real evidence, in memory that does not grow with it."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from watchkeeper.autopilot import Options, examine
from watchkeeper.autopilot.reach import reach
from watchkeeper.cyberrange import generate

CAPTURE = "otrf/atomic/windows/credential_access/host/psh_input_capture_promptforcreds.zip"


def test_on_a_real_capture(data: Path) -> None:
    found = reach(Options(paths=(data / CAPTURE,)))
    counts = Counter(rule.status for rule in found.rules)
    assert found.events == sum(found.seen.values()) == 163
    assert set(counts) >= {"reached", "source"}
    assert all(rule.missing for rule in found.rules if rule.status != "reached")
    assert {rule.place.split()[0] for rule in found.rules if rule.status == "reached" and rule.place} == {"windows"}


@pytest.mark.slow
def test_on_the_range_whatever_fires_is_reached(tmp_path: Path) -> None:
    generate("phishing-ransomware", 3, tmp_path / "range")
    options = Options(paths=(tmp_path / "range" / "evidence",))
    fired = set(examine(options).correlated.signals.column("rule").to_pylist())
    found = reach(options)
    assert len(fired) > 5
    assert fired <= {rule.rule for rule in found.rules if rule.status == "reached"}


def test_what_could_not_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\0" * 100)
    (tmp_path / "rule.yml").write_text("title: [", "utf-8")
    found = reach(Options(paths=(tmp_path / "x.bin",), rules=(tmp_path / "rule.yml",)))
    assert found.events == 0
    assert all(source.error for source in found.sources)
    assert "rule.yml" in found.problems[0]


MEASURED = """
import sys
from pathlib import Path
from watchkeeper.autopilot import Options
from watchkeeper.autopilot.reach import reach
reach(Options(paths=tuple(map(Path, sys.argv[1:]))))
print(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


@pytest.mark.slow
def test_memory_does_not_grow_with_the_evidence(tmp_path: Path) -> None:
    line = {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "UtcTime": "2025-04-01 10:00:00.000"}
    for number in range(8):
        lines = (json.dumps(line | {"CommandLine": f"{'x' * 200} {number} {row}"}) for row in range(20_000))
        (tmp_path / f"{number}.json").write_text("\n".join(lines), "utf-8")
    files = [str(path) for path in sorted(tmp_path.glob("*.json"))]
    peaks = [
        int(subprocess.run([sys.executable, "-c", MEASURED, *some], capture_output=True, check=True).stdout) for some in (files[:2], files)
    ]
    assert peaks[1] < peaks[0] * 1.15

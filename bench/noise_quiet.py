"""False incidents a day where nothing happens: the range without an intrusion, and recordings outside the minutes of their attack.

range: every incident is false. Days of 8 hours as `watchkeeper range generate` makes them, and longer ones. OTRF: recordings whose
metadata has a console that says, with its zone, when sessions of the attacker were opened. Annotated are the minutes from five before
each opening to sixty after it; an incident none of whose signals lies there is false. A day is 1,440 minutes that hold an event and are
not annotated, so hours without any event make nothing look quiet. Rules: ours alone (`ours`), and SigmaHQ's with them (`both`).
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import yaml
from noise_alerts import DATA, MICRO

from watchkeeper.cyberrange import generate

FIRST_SEED = 300
SPANS = ((8.0, 3), (48.0, 1))
"""Hours of a range, and how many ranges."""
LEAST_DAYS = 0.1
"""Less than so much of a day says nothing about a day."""
BEFORE_MINUTES, AFTER_MINUTES = 5, 60
OPENED = re.compile(r"session \d+ opened .* at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})")
RULES = {"ours": (), "both": ("--rules", str(DATA / "sigma" / "sigma_all_rules.zip"))}
MINUTE = 60 * MICRO
Figures = dict[str, Any]


def quiet() -> Figures:
    """Give the false incidents of every recording and range, and a day."""
    return {name: {"range": _summed(_ranges(rules)), "otrf": _summed(_recordings(rules))} for name, rules in RULES.items()}


def _summed(found: Iterator[Figures]) -> Figures:
    runs = list(found)
    false, days = sum(run["false"] for run in runs), sum(run["days"] for run in runs)
    rate = round(false / days, 3) if days >= LEAST_DAYS else "not measured"
    return {"runs": runs, "total": {"false": false, "days": round(days, 3), "false_a_day": rate}}


def _ranges(rules: Sequence[str]) -> Iterator[Figures]:
    for at, hours in enumerate(hours for hours, many in SPANS for _ in range(many)):
        with TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
            place, case = Path(folder) / "range", Path(folder) / "case"
            generate("none", FIRST_SEED + at, place, hours=hours)
            _investigated((str(place / "evidence"), "--assets", str(place / "assets.yml"), *rules), case)
            incidents = json.loads((case / "incidents.json").read_text("utf-8"))["incidents"]
            yield {"seed": FIRST_SEED + at, **_told(incidents), "false": len(incidents), "days": hours / 24}


def _recordings(rules: Sequence[str]) -> Iterator[Figures]:
    for name, archives, openings in annotated():
        with TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
            case = Path(folder) / "case"
            _investigated((*map(str, archives), "--keep", "all", *rules), case)
            incidents = json.loads((case / "incidents.json").read_text("utf-8"))["incidents"]
            yield {"recording": name, **_told(incidents), **outside(case, openings)}


def _told(incidents: Sequence[Figures]) -> Figures:
    return {"incidents": [incident["title"] for incident in incidents], "sessions": sum(len(one["sessions"]) for one in incidents)}


def _investigated(words: Sequence[str], case: Path) -> None:
    command = [sys.executable, "-m", "watchkeeper", "investigate", *words, "--out", str(case), "--state", str(case.parent / "state")]
    subprocess.run(command, check=True, capture_output=True)


def annotated() -> Iterator[tuple[str, list[Path], list[int]]]:
    """Yield the recordings whose console says when the attacker's sessions were opened: name, archives of hosts, those moments in µs."""
    archives = {path.name: path for path in (DATA / "otrf").rglob("*.zip")}
    for path in sorted((DATA / "otrf").rglob("_metadata/*.yaml")):
        text = path.read_text("utf-8")
        files = [file for file in yaml.safe_load(text).get("files") or () if file["type"] == "Host"]
        held = [archives[name] for file in files if (name := file["link"].rpartition("/")[2]) in archives]
        openings = [int(datetime.strptime(found, "%Y-%m-%d %H:%M:%S %z").timestamp()) * MICRO for found in OPENED.findall(text)]
        if held and openings:
            yield path.stem, held, openings


def outside(case: Path, openings: Sequence[int]) -> Figures:
    """Give the incidents wholly outside the annotated minutes, and how much of a day the record holds there."""
    events = pq.read_table(case / "events", columns=["_time"]).column("_time").drop_null().cast("int64").to_pylist()
    minutes = {time // MINUTE for time in events}
    signals = pq.read_table(case / "signals.parquet", columns=["time", "incident"])
    times = signals.column("time").cast("int64").to_pylist()
    inside = {one for time, one in zip(times, signals.column("incident").to_pylist(), strict=True) if time and during(time, openings)}
    every = set(signals.column("incident").to_pylist()) - {None}
    return {"false": len(every - inside), "days": round(sum(not during(minute * MINUTE, openings) for minute in minutes) / 1440, 3)}


def during(time: int, openings: Sequence[int]) -> bool:
    """Say whether a moment is annotated."""
    return any(opening - BEFORE_MINUTES * MINUTE <= time < opening + AFTER_MINUTES * MINUTE for opening in openings)

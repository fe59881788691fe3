"""Nothing lost: what was acknowledged is there, whatever dies at whatever moment; figures of it.

make bench-faults [JSON=out.json]
python bench/faults.py --kills 6 --only kills

`watchkeeper serve` runs over a folder of its own while senders of four kinds send numbered events: `_bulk` under ids of their own, `_bulk`
without, NDJSON, and syslog over TCP. They send a batch again until it is acknowledged. Meanwhile processes are killed at random moments.
At the end the Delta table is read by itself, and incidents are compared with those of a run over the same events that nobody disturbed.
"""

import argparse
import json
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from faults_found import judged
from faults_scenes import damaged, database_away, disk_full, ended_at_once, stopped
from faults_senders import Said, Sending
from faults_server import PARTS, WHOLE, Server, until

Figures = dict[str, Any]


def under_kills(folder: Path, kills: int, seed: int, *, compare: bool) -> Figures:
    """Kill random processes at random moments while events come."""
    chance = random.Random(seed)  # noqa: S311 -- it says what is killed when, and keeps no secret
    server = Server(folder / "killed")
    server.prepare()
    server.start()
    server.ready()
    sending = Sending(server)
    sending.start()
    killed: dict[str, int] = dict.fromkeys((*PARTS, WHOLE), 0)
    order = [name for _ in range(kills // len(killed) + 1) for name in chance.sample(list(killed), len(killed))][:kills]
    for name in order:
        before = sending.sent()["bulk-ids"]
        time.sleep(chance.uniform(0.3, 3.0))
        until(lambda before=before: sending.sent()["bulk-ids"] > before, 120, "something is acknowledged between two kills")
        until(lambda name=name: server.kill(name), 60, f"{name} lives")
        killed[name] += 1
    server.ready()
    time.sleep(1)
    sending.stop()
    found = judged(server, sending)
    figures = {"kills": killed, **found, "senders": {kind: _told(said) for kind, said in sending.said.items()}}
    if not compare:
        return figures
    calm = undisturbed(folder, sending)
    return {**figures, "as_undisturbed": calm["incidents"] == found["incidents"]}


def undisturbed(folder: Path, sending: Sending) -> Figures:
    """Send the same events to a server that nobody disturbs."""
    server = Server(folder / "calm")
    server.prepare()
    server.start()
    server.ready()
    same = Sending(server, sending.base, pause=0.02)
    same.start(sending.sent())
    same.wait()
    return judged(server, same)


def _told(said: Said) -> Figures:
    told = asdict(said)
    return {**told, "acknowledged": len(said.acknowledged), "answers": dict(said.answers)}


def failures(found: Figures) -> list[str]:
    """Say what is not as it must be."""
    if "skipped" in found:
        return []
    events, wanted = found["events"], found["signals_wanted"]
    must = {
        "acknowledged events are lost": sum(one["lost"] for kind, one in events.items() if kind != "syslog") == 0,
        "events with ids are there more than once": events["bulk-ids"]["twice"] == 0,
        "signals are handed on more than once or not at all": found["signals"] == wanted and not found["signals_twice"],
        "signals are in incidents more than once or not at all": found["in_incidents"] == wanted,
        "it did not end with 0": not found["exit_code"] and not found.get("stopped_code"),
        "it took longer than 15 s to stop": found["stop_seconds"] < 15 and found.get("stopped_seconds", 0) < 15,
        "incidents are others than without faults": found.get("as_undisturbed", True),
        "a refusal did not say when to come back": not found.get("refused_without_time"),
        "nobody says what hinders": found.get("hindered", "x") != "" and found.get("hindered_anew", "x") != "",
        "damage is not shown": found.get("doctor_says", True) and found.get("damaged_bytes", 1) > 0,
    }
    return [what for what, holds in must.items() if not holds]


SCENES: dict[str, Callable[[Path, argparse.Namespace], Figures]] = {
    "kills": lambda folder, asked: under_kills(folder, asked.kills, asked.seed, compare=not asked.quick),
    "stop": lambda folder, _: stopped(folder),
    "end": lambda folder, _: ended_at_once(folder),
    "disk": lambda folder, _: disk_full(folder),
    "database": lambda folder, _: database_away(folder),
    "damage": lambda folder, _: damaged(folder),
}
"""What is tried, by name."""


def table(name: str, found: Figures) -> str:
    """Write one scene's figures for people."""
    if "skipped" in found:
        return f"{name}: skipped, {found['skipped']}"
    lines = [f"{name}: {'; '.join(found['failures']) or 'nothing lost'}"]
    lines += [
        f"  {kind:10} {one['acknowledged']:>8,} acknowledged {one['lost']:>5,} lost {one['twice']:>5,} twice"
        for kind, one in found["events"].items()
    ]
    flat = {key: value for key, value in found.items() if key not in {"events", "incidents", "senders", "failures"}}
    lines += [f"  {key.replace('_', ' '):32} {f'{value:,.2f}' if isinstance(value, float) else value}" for key, value in flat.items()]
    return "\n".join(lines)


def main() -> None:
    """Run the exam."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=list(SCENES), action="append")
    parser.add_argument("--quick", action="store_true", help="do not compare incidents with those of a run that nobody disturbs")
    parser.add_argument("--keep", type=Path, help="keep everything in this folder")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="wkfaults"))
    figures: Figures = {}
    try:
        for name in asked.only or SCENES:
            figures[name] = found = SCENES[name](folder, asked)
            found["failures"] = failures(found)
            print(table(name, found), flush=True)
    finally:
        if not asked.keep:
            shutil.rmtree(folder)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1, default=str))
    wrong = [f"{name}: {one}" for name, found in figures.items() for one in found["failures"]]
    raise SystemExit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()

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

from faults_found import account, expected, folded, incidents, signals, stored
from faults_senders import Sending
from faults_server import PARTS, WHOLE, Server, until

Figures = dict[str, Any]


def under_kills(folder: Path, kills: int, seed: int) -> Figures:
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
        time.sleep(chance.uniform(0.3, 3.0))
        until(lambda name=name: server.kill(name), 60, f"{name} lives")
        killed[name] += 1
    server.ready()
    time.sleep(1)
    sending.stop()
    found = judged(server, sending)
    calm = undisturbed(folder, sending)
    return {
        "kills": killed, **found, "incidents": len(calm["incidents"]), "as_undisturbed": calm["incidents"] == found.pop("_incidents"),
        "senders": {kind: _told(said) for kind, said in sending.said.items()},
    }  # fmt: skip


def judged(server: Server, sending: Sending) -> Figures:
    """Wait until everything is worked off, stop, and account for every event."""
    wanted = expected(sending.sent()["bulk-ids"])
    drained = server.drained()
    until(lambda: folded(server) >= wanted, 60, f"{wanted} signals in incidents (there are {folded(server)})")
    time.sleep(4)
    kept = folded(server)
    stopping, code = server.stop()
    found, told = stored(server.state), signals(server.state)
    events = {kind: account(said.acknowledged, found.get(kind, {}))._asdict() for kind, said in sending.said.items()}
    return {
        "events": events, "signals_wanted": wanted, "signals": len(told), "signals_twice": sum(one > 1 for one in told.values()),
        "in_incidents": kept, "drain_seconds": drained, "stop_seconds": stopping, "exit_code": code, "_incidents": incidents(server),
    }  # fmt: skip


def undisturbed(folder: Path, sending: Sending) -> Figures:
    """Send the same events to a server that nobody disturbs."""
    server = Server(folder / "calm")
    server.prepare()
    server.start()
    server.ready()
    same = Sending(server, sending.base, pause=0.02)
    same.start(sending.sent())
    same.wait()
    found = judged(server, same)
    return {"incidents": found["_incidents"], **found}


def _told(said: Any) -> Figures:
    told = asdict(said)
    return {**told, "acknowledged": len(said.acknowledged), "answers": dict(said.answers)}


def failures(found: Figures) -> list[str]:
    """Say what is not as it must be."""
    wrong = [
        f"{kind}: {one['lost']} acknowledged events are lost" for kind, one in found["events"].items() if one["lost"] and kind != "syslog"
    ]
    if found["events"]["bulk-ids"]["twice"]:
        wrong.append(f"{found['events']['bulk-ids']['twice']} events with ids are there more than once")
    if found["signals_twice"] or found["signals"] != found["signals_wanted"] or found["in_incidents"] != found["signals_wanted"]:
        wrong.append("signals are not there once each")
    if found["exit_code"]:
        wrong.append(f"it ended with {found['exit_code']}")
    if not found.get("as_undisturbed", True):
        wrong.append("incidents are others than without faults")
    return wrong


SCENES: dict[str, Callable[[Path, argparse.Namespace], Figures]] = {
    "kills": lambda folder, asked: under_kills(folder, asked.kills, asked.seed),
}


def main() -> None:
    """Run the exam."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", choices=list(SCENES), action="append")
    parser.add_argument("--keep", type=Path, help="keep everything in this folder")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    folder = asked.keep or Path(tempfile.mkdtemp(prefix="wkfaults"))
    figures: Figures = {}
    try:
        for name in asked.only or SCENES:
            figures[name] = found = SCENES[name](folder, asked)
            found["failures"] = failures(found)
            print(name, json.dumps(found, indent=1, default=str), flush=True)
    finally:
        if not asked.keep:
            shutil.rmtree(folder)
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))
    wrong = [f"{name}: {one}" for name, found in figures.items() for one in found["failures"]]
    raise SystemExit("\n".join(wrong) or None)


if __name__ == "__main__":
    main()

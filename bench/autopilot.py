"""The range, end to end and unattended: from the first malicious event to a verified block. Labels are read to measure alone.

    make bench-autopilot JSON=out.json       one seed of every scenario
    python bench/autopilot.py web-shell      some of them

It needs root: `watchkeeper serve` runs in a network namespace whose nftables it may change, and the attacker's addresses answer in another.
Two administrators promote `block_address` on `outside` to L3 before; nobody does anything after that. What was before the intrusion is sent
first. Then windows of event time follow one after the other, each when nothing moves any more. Event seconds: from the first malicious
event to the end of the window after which a block of an attacker's address was verified. Processing: seconds of the clock from sending that
window until then. When a block of the address was first proposed, and what stood against it, is told beside that. The rest of the day is
sent afterwards; whatever was done by then is listed, and what it did to hosts that the intrusion
did not touch, to domain controllers and to administrators. On a day without an intrusion nothing should be done at all.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from autopilot_scene import Day, Edge, day
from faults_server import free_port, until

from watchkeeper.cyberrange import SCENARIOS
from watchkeeper.model.proposal import ActionRecord, RecordsWanted
from watchkeeper.server.vitals import read_vitals, total
from watchkeeper.store import Store, Wanted, open_store
from watchkeeper.store.people import open_people

SEED = 105
"""The first after those that were looked at while building (100 to 102) of which the attacker of every scenario comes from outside."""
WINDOWS = ((120, 15), (1_200, 60), (43_200, 600))
"""Until so many seconds after the first malicious event, windows are so many seconds long."""
QUIET_SECONDS, LONGEST_QUIET = 4.0, 60.0
_CHUNK = 4 << 20
_CROWN = {"domain-controller", "domain-admin", "administrator"}
Figures = dict[str, Any]


@dataclass
class Site:
    """The company's server, in its namespace."""

    edge: Edge
    state: Path
    day: Day
    port: int = field(default_factory=free_port)
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    sent: int = 0
    process: subprocess.Popen[bytes] | None = None

    def run(self, *words: str) -> str:
        """Run a command of the product; give what it says."""
        found = subprocess.run(
            [sys.executable, "-m", "watchkeeper", *words], env=self._environment, capture_output=True, text=True, check=False
        )
        if found.returncode:
            raise SystemExit(f"watchkeeper {' '.join(words[:3])}: {found.stdout}{found.stderr}")
        return found.stdout

    def prepare(self) -> None:
        """Set everything that people set once: places, administrators, the level, senders."""
        place = {"name": "edge", "by": "nftables", "actions": ["block_address"]}
        (self.state / "response.yml").write_text(json.dumps({"places": [place]}), "utf-8")
        for login in ("ann", "bob"):
            self.run("users", "add", login, "--role", "admin")
        asked = self.run("policy", "promote", "block_address", "outside", "--why", "the exam", "--by", "ann")
        change = re.search(r"[0-9a-f]{8,32}", asked)
        self.run("policy", "agree", change.group() if change else asked, "--by", "bob")
        for name in ("windows", "zeek"):
            secret = re.search(r"wks_\S+", self.run("senders", "add", name, "--silent-after", "0"))
            self.tokens[name] = secret.group() if secret else ""

    def start(self) -> None:
        """Start the server and wait until it takes events in and walks flows."""
        words = ["serve", "--port", str(self.port), "--assets", str(self.day.assets), "--log", "json"]
        command = ["ip", "netns", "exec", self.edge.inside, sys.executable, "-m", "watchkeeper", *words]
        with (self.state / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=self._environment)
        parts = {"web", "keeper", "flows"}
        until(lambda: parts <= {one.process for one in read_vitals(self.state).vitals if one.phase == "running"}, 180, "the server runs")

    def send(self, events: list[tuple[str, bytes]]) -> None:
        """Send lines, each by its sender."""
        for name, token in self.tokens.items():
            lines = [line for kind, line in events if kind == name]
            while lines:
                size, taken = 0, 0
                while taken < len(lines) and size < _CHUNK:
                    size, taken = size + len(lines[taken]), taken + 1
                self._post(token, b"\n".join(lines[:taken]))
                self.sent, lines = self.sent + taken, lines[taken:]
        until(lambda: (total(read_vitals(self.state).vitals, "lake_events") or 0) >= self.sent, 120, "the lake has what was sent")

    def _post(self, token: str, body: bytes) -> None:
        url = f"http://127.0.0.1:{self.port}/ingest"
        curl = ["curl", "-sf", "-H", f"Authorization: Bearer {token}", "--data-binary", "@-", "-o", os.devnull, url]
        subprocess.run(["ip", "netns", "exec", self.edge.inside, *curl], input=body, check=True)

    def stop(self) -> None:
        """Stop the server."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "OMP_NUM_THREADS": "1", "WATCHKEEPER_STATE": str(self.state)}


def records(store: Store, state: Path) -> tuple[ActionRecord, ...]:
    """Give every action."""
    with store.ledger(open_people(store.database, state).audit).alone() as kept:
        return kept.records(RecordsWanted(most=10_000))


def standing(store: Store, state: Path) -> tuple[Any, ...]:
    """Give what moves while something is underway: incidents, flows, actions."""
    rows = store.live_incidents(Wanted(order="updated", most=100))
    return (
        tuple((row.incident.id, row.revision) for row in rows),
        tuple(sorted(store.count_flows().items())),
        tuple((one.id, one.state) for one in records(store, state)),
    )


def settled(store: Store, state: Path, happened: Callable[[], bool]) -> None:
    """Wait until nothing moves any more, or it happened."""
    began = since = time.monotonic()
    before = standing(store, state)
    while time.monotonic() - since < QUIET_SECONDS and time.monotonic() - began < LONGEST_QUIET and not happened():
        time.sleep(0.25)
        if (now := standing(store, state)) != before:
            before, since = now, time.monotonic()


def blocks(store: Store, state: Path, attackers: tuple[str, ...]) -> list[ActionRecord]:
    """Give what was proposed to block an attacker's address."""
    found = (one for one in records(store, state) if one.proposal.action == "block_address")
    return [one for one in found if {target.value for target in one.proposal.targets} & set(attackers)]


def blocked(store: Store, state: Path, attackers: tuple[str, ...]) -> ActionRecord | None:
    """Give the verified block of an attacker's address, if there is one."""
    return next((one for one in blocks(store, state, attackers) if one.state == "verified"), None)


def windows(day: Day) -> list[tuple[float, list[tuple[str, bytes]]]]:
    """Give what comes before the first malicious event, then a window each, by its end in seconds after that event; else all in one."""
    if day.began is None:
        return [(0.0, [(kind, line) for _, kind, line in day.lines()])]
    first = day.began.timestamp()
    ends = [0.0]
    for until_, length in WINDOWS:
        while ends[-1] < until_:
            ends.append(ends[-1] + length)
    found: list[tuple[float, list[tuple[str, bytes]]]] = [(end, []) for end in ends]
    place = 0
    for moment, kind, line in day.lines():
        while place < len(found) - 1 and moment - first >= found[place][0]:
            place += 1
        found[place][1].append((kind, line))
    return found


def scene(scenario: str, seed: int, edge: Edge, folder: Path) -> Figures:
    """Play a day."""
    played = day(scenario, seed, folder / "range")
    edge.give(list(played.attackers))
    state = folder / "state"
    state.mkdir()
    site = Site(edge, state, played)
    site.prepare()
    site.start()
    try:
        with closing(open_store(state)) as store:
            return _played(site, store, played) | {"scenario": scenario, "seed": seed}
    finally:
        site.stop()


def _played(site: Site, store: Store, played: Day) -> Figures:
    state, parts = site.state, windows(played)
    reached = all(site.edge.reaches(one) for one in played.attackers)
    figures: Figures = {"reached_before": reached, "event_seconds": None, "processing_seconds": None}
    for number, (end, events) in enumerate(parts):
        began = time.monotonic()
        site.send(events)
        settled(store, state, lambda: blocked(store, state, played.attackers) is not None)
        if "proposed_seconds" not in figures and (asked := blocks(store, state, played.attackers)):
            figures |= {
                "proposed_seconds": end,
                "stood_against": [note.code for note in asked[-1].ruling.why],
                "sure": asked[-1].proposal.confidence,
            }
        if (record := blocked(store, state, played.attackers)) is not None:
            seconds = time.monotonic() - began
            figures |= {"event_seconds": end, "processing_seconds": round(seconds, 1), "address": record.proposal.targets[0].value}
            figures["reached_after"] = site.edge.reaches(record.proposal.targets[0].value)
            site.send([event for _, rest in parts[number + 1 :] for event in rest])
            settled(store, state, lambda: False)
            break
    return figures | _done(site, store, played) | {"reported": _is_reported(site, store, played)}


def _is_reported(site: Site, store: Store, played: Day) -> bool:
    """Say whether the incident's report tells of the verified block."""
    record = blocked(store, site.state, played.attackers)
    if record is None:
        return False
    told = site.run("report", "incident", record.proposal.incident, "--format", "md").replace("\\", "")
    return f"address {record.proposal.targets[0].value}; **seen to work**" in told


def _done(site: Site, store: Store, played: Day) -> Figures:
    found = records(store, site.state)
    done = [one for one in found if one.done is not None]
    targets = [target for one in done for target in one.proposal.targets]
    names = {target.value.lower() for target in targets}
    crown = {name for name, role in played.roles.items() if role in _CROWN}
    return {
        "proposed": len(found),
        "waiting": sum(one.state == "waiting" for one in found),
        "done": [f"{one.proposal.action} {', '.join(target.value for target in one.proposal.targets[:3])}: {one.state}" for one in done],
        "refused": sorted({f"{one.proposal.action}: {one.ruling.why[0].code}" for one in found if one.state == "refused"}),
        "to_benign_hosts": sorted(names & played.benign),
        "to_crown": sorted(names & crown),
        "other_addresses": sorted(
            target.value
            for one in done
            for target in one.proposal.targets
            if target.kind == "address" and target.value not in played.attackers
        ),
        "flows": dict(store.count_flows()),
    }


def main() -> None:
    """Play what is asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", default=list(SCENARIOS))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    found: list[Figures] = []
    for scenario in asked.scenarios:
        with Edge() as edge, tempfile.TemporaryDirectory() as folder:
            found.append(scene(scenario, asked.seed, edge, Path(folder)))
            print(json.dumps(found[-1]), flush=True)
    known = [one["event_seconds"] for one in found if one["event_seconds"] is not None]
    summary = {
        "median_event_seconds": median(known) if known else None,
        "blocked": len(known),
        "intrusions": sum(one["scenario"] != "none" for one in found),
    }
    print(json.dumps(summary))
    if asked.json:
        asked.json.write_text(json.dumps({"scenes": found, **summary}, indent=1), "utf-8")


if __name__ == "__main__":
    main()

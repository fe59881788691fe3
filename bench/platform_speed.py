"""The platform under load: what a shipper sends by `_bulk` is accepted, on disk, detected on, and can be searched; figures of all of it.

make bench-platform [JSON=out.json]                        57,870 events a second, five minutes
python bench/platform.py --rate 0 --seconds 60             as fast as they are taken

The server and the sender share this machine's cores. The sender replays the OTRF recordings from four connections, each with its own
sender's token, rewritten for each pass (`platform_load.py`). Every few seconds an event of its own is sent beside the load: how long it
takes until a search finds it is the time to be searchable, until its signal is handed on the time to be detected. At the end every event
that was acknowledged has to be in the lake. Beside it stands the same work from a file: no network, no journal.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from platform_probes import Probes
from sigma_corpus import RULES

from watchkeeper.access.tokens import digest, new_secret
from watchkeeper.journal.accepting import PARTITIONS, place_of
from watchkeeper.model.sender import Sender
from watchkeeper.server.vitals import read_vitals, total
from watchkeeper.store import open_store

SENDERS = 4
WARM_SECONDS = 20
"""Events come slowly for so long first: compiling the rules for hundreds of kinds of events comes once, and is not what is asked."""
STATE = Path(__file__).resolve().parents[1] / "out" / "bench-platform"
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(slots=True)
class Seen:
    """What was seen of processes from outside."""

    cpu: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    rss: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lag: list[float] = field(default_factory=list[float])
    behind: list[int] = field(default_factory=list[int])

    def look(self, state: Path) -> None:
        """Note CPU time, memory and lag of every server process."""
        vitals = read_vitals(state).vitals
        for one in vitals:
            try:
                words = Path(f"/proc/{one.pid}/stat").read_text("ascii").rpartition(") ")[2].split()
            except OSError:
                continue
            self.cpu[one.process] = (int(words[11]) + int(words[12])) / _TICKS
            self.rss[one.process] = max(self.rss[one.process], int(words[21]) * _PAGE)
        lags = [figure.value for one in vitals for figure in one.figures if figure.name == "detection_lag_seconds"]
        self.lag.append(max(lags, default=0.0))


def tokens(state: Path) -> list[str]:
    """Make the senders; they fall into different partitions."""
    given: list[str] = []
    chosen = {place_of(one, PARTITIONS): one for one in (f"{number:08x}{0:024x}" for number in range(64))}
    ids = [chosen[partition] for partition in sorted(chosen)]
    with closing(open_store(state)) as store:
        for number in range(SENDERS):
            sender = Sender(id=ids[number], tenant="default", name=f"sender-{number}")
            store.keep_sender(sender)
            given.append(new_secret("wks"))
            store.keep_sender_token(sender.id, digest(given[-1]))
    return given


def served(state: Path, port: int, workers: int) -> subprocess.Popen[bytes]:
    """Start the server and wait until every process works."""
    words = [
        "serve",
        "--port",
        str(port),
        "--workers",
        str(workers),
        "--state",
        str(state),
        "--rules",
        str(RULES),
        "--no-own-rules",
        "--no-intel",
    ]
    server = subprocess.Popen([sys.executable, "-m", "watchkeeper", *words], env={**os.environ, "OMP_NUM_THREADS": "1"})
    while True:
        time.sleep(0.5)
        vitals = read_vitals(state).vitals
        if server.poll() is not None:
            raise SystemExit(f"the server ended with {server.returncode}")
        if len(vitals) >= workers + 2 and all(one.phase == "running" for one in vitals):
            return server


def kept(state: Path) -> int:
    """Give how many events the workers say that the lake has."""
    return int(total(read_vitals(state).vitals, "lake_events") or 0)


def _sender(words: list[str]) -> tuple[subprocess.Popen[str], IO[str], IO[str]]:
    script = str(Path(__file__).with_name("platform_load.py"))
    sender = subprocess.Popen([sys.executable, script, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    to, back = cast("IO[str]", sender.stdin), cast("IO[str]", sender.stdout)
    back.readline()
    return sender, to, back


def warmed(state: Path, port: int, given: list[str], asked: argparse.Namespace) -> int:
    """Let every kind of event come once, so that rules are compiled for it; give how many events that were."""
    sender, to, back = _sender([str(port), str(asked.megabytes), "20000", str(WARM_SECONDS), *given])
    to.write("go\n")
    to.flush()
    sender.wait()
    sent = json.loads(back.read())["accepted"]
    while kept(state) < sent:
        time.sleep(0.2)
    return sent


def loaded(state: Path, port: int, given: list[str], asked: argparse.Namespace) -> dict[str, Any]:
    """Send the load; give what the sender and the processes say."""
    words = [str(port), str(asked.megabytes), str(asked.rate), str(asked.seconds), *given]
    sender = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("platform_load.py")), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    to, back = cast("IO[str]", sender.stdin), cast("IO[str]", sender.stdout)
    back.readline()
    before_events = warmed(state, port, given, asked)
    probes = Probes(state, port, given)
    probes.start()
    before, seen = Seen(), Seen()
    before.look(state)
    to.write("go\n")
    to.flush()
    while sender.poll() is None:
        time.sleep(1)
        seen.look(state)
    ended = time.monotonic()
    figures = json.loads(back.read())
    probes.stop()
    sent = figures["accepted"] + probes.sent + before_events
    while kept(state) < sent and time.monotonic() - ended < 300:
        time.sleep(0.1)
    drained = time.monotonic() - ended
    seen.look(state)
    cpu = {name: seen.cpu[name] - before.cpu[name] for name in seen.cpu}
    return {
        **figures, "drain_seconds": drained, "sent": sent, "in_lake": kept(state), "probes": probes.sent,
        "searchable_p50": _at(probes.searchable, 50), "searchable_most": _at(probes.searchable, 100), "probes_missing": probes.missing,
        "detected_p50": _at(probes.detected, 50), "detected_most": _at(probes.detected, 100),
        "cpu_seconds": cpu, "rss_bytes": dict(seen.rss),
        "lag_p50": float(np.percentile(seen.lag, 50)), "lag_p99": float(np.percentile(seen.lag, 99)), "lag_most": max(seen.lag),
    }  # fmt: skip


def _at(values: list[float], percent: float) -> float:
    return float(np.percentile(values, percent)) if values else float("nan")


def from_file(megabytes: int, passes: int) -> dict[str, float]:
    """Give how fast the same work goes from a file in two processes at once."""
    folder = STATE / "file"
    script = str(Path(__file__).with_name("platform_file.py"))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    both = [
        subprocess.Popen(
            [sys.executable, script, str(folder), f"{number}", str(megabytes), str(passes)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
        )
        for number in range(2)
    ]  # fmt: skip
    for one in both:
        cast("IO[str]", one.stdout).readline()
    for one in both:
        cast("IO[str]", one.stdin).write("go\n")
        cast("IO[str]", one.stdin).flush()
    done = [json.loads(cast("IO[str]", one.stdout).read()) for one in both]
    events = sum(one["events"] for one in done)
    return {
        "file_events_per_second": events / max(one["wall"] for one in done),
        "file_cpu_us": 1e6 * sum(one["cpu"] for one in done) / events,
        "new_share": min(one["new_share"] for one in done),
    }


def told(figures: dict[str, Any]) -> str:
    """Say the figures in words."""
    cpu = {name: 1e6 * seconds / figures["accepted"] for name, seconds in figures["cpu_seconds"].items()}
    lines = [
        f"accepted {figures['accepted']:,} events in {figures['seconds']:.0f} s: {figures['accepted_per_second']:,.0f} a second, "
        f"{figures['bytes'] / figures['seconds'] / 1e6:.0f} MB a second; {figures['refused_bodies']} bodies refused and sent again",
        f"acceptance p50 {figures['p50_ms']:.0f} ms, p99 {figures['p99_ms']:.0f} ms, at most {figures['most_ms']:.0f} ms",
        f"probes: searchable after {figures['searchable_p50']:.1f} s, at most {figures['searchable_most']:.1f} s; signal after "
        f"{figures['detected_p50']:.1f} s, at most {figures['detected_most']:.1f} s; {figures['probes']} sent, "
        f"{figures['probes_missing']} missing",
        f"from acceptance to the lake, by each commit's oldest event: p50 {figures['lag_p50']:.1f} s, p99 {figures['lag_p99']:.1f} s",
        f"in the lake {figures['in_lake']:,} of {figures['sent']:,}, "
        f"the last one {figures['drain_seconds']:.1f} s after the sender stopped",
        "processor time in µs an event: " + ", ".join(f"{name} {value:.1f}" for name, value in sorted(cpu.items())),
        "memory at most in MB: " + ", ".join(f"{name} {value / 1e6:.0f}" for name, value in sorted(figures["rss_bytes"].items())),
        f"{figures['lake_bytes_per_event']:.0f} bytes an event in the lake, of {figures['bytes'] / figures['accepted']:.0f} sent",
        f"from a file, two processes: {figures['file_events_per_second']:,.0f} a second, {figures['file_cpu_us']:.1f} µs an event; "
        f"through the platform {figures['accepted_per_second'] / figures['file_events_per_second']:.2f} of that",
        f"of the values that rules look at {figures['new_share']:.1%} are new in each pass",
    ]
    return "\n".join(lines)


def main() -> None:
    """Run the exam."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=57_870)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    given = tokens(STATE)
    server = served(STATE, port, asked.workers)
    try:
        figures = loaded(STATE, port, given, asked)
    finally:
        server.terminate()
        server.wait()
    lake = sum(path.stat().st_size for path in (STATE / "lake").rglob("*.parquet"))
    figures["lake_bytes_per_event"] = lake / max(1, figures["in_lake"])
    shutil.rmtree(STATE / "lake")
    figures |= from_file(min(asked.megabytes, 150), 3)
    shutil.rmtree(STATE)
    print(told(figures))
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()

"""The stage of `bench-autopilot`: a company's edge and the outside as network namespaces, and the range's events in time order.

Owns namespaces and their end, and reading the range. What the server does in there is its own; labels are read to measure alone.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

PORT = 8443
_TIMES = ("@timestamp", "ts", "createdDateTime", "CreationTime", "time")
_TRY = "import socket,sys; s=socket.socket(); s.settimeout(1); sys.exit(s.connect_ex((sys.argv[1], int(sys.argv[2]))) != 0)"


@dataclass(slots=True)
class Edge:
    """Two namespaces with a cable between them: ours, and an outside that has every address it is given."""

    inside: str = field(default_factory=lambda: f"wk-in-{os.getpid()}")
    outside: str = field(default_factory=lambda: f"wk-out-{os.getpid()}")
    _listening: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Edge":
        """Make both."""
        pair = f"wk{os.getpid() % 100_000}"
        for name in (self.inside, self.outside):
            _ip("netns", "add", name)
            _ip("-n", name, "link", "set", "lo", "up")
        _ip("link", "add", f"{pair}a", "netns", self.inside, "type", "veth", "peer", "name", f"{pair}b", "netns", self.outside)
        for name, end, address in ((self.inside, "a", "100.127.9.1/30"), (self.outside, "b", "100.127.9.2/30")):
            _ip("-n", name, "address", "add", address, "dev", f"{pair}{end}")
            _ip("-n", name, "link", "set", f"{pair}{end}", "up")
        _ip("-n", self.inside, "route", "add", "default", "via", "100.127.9.2")
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing."""
        if self._listening:
            self._listening.kill()
            self._listening.wait()
        for name in (self.inside, self.outside):
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)

    def give(self, addresses: list[str]) -> None:
        """Give addresses to the outside, where something answers on a port of each."""
        for address in addresses:
            _ip("-n", self.outside, "address", "add", f"{address}/32", "dev", "lo")
        listening = [sys.executable, "-m", "http.server", str(PORT), "--bind", "0.0.0.0"]  # noqa: S104 -- in a namespace of its own
        self._listening = subprocess.Popen(["ip", "netns", "exec", self.outside, *listening], stdout=-3, stderr=-3)

    def reaches(self, address: str) -> bool:
        """Say whether the outside address answers from inside."""
        tried = ["ip", "netns", "exec", self.inside, sys.executable, "-c", _TRY, address, str(PORT)]
        return subprocess.run(tried, check=False).returncode == 0


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the range."""

    folder: Path
    began: datetime | None
    """When the intrusion began, as the truth says; none on a day without one."""
    attackers: tuple[str, ...]
    """Addresses of the attacker, as the truth says."""

    @property
    def assets(self) -> Path:
        """The company's inventory."""
        return self.folder / "assets.yml"

    @property
    def benign(self) -> set[str]:
        """Hosts of the inventory that the intrusion did not touch."""
        told: Any = yaml.safe_load((self.folder / "truth" / "story.yml").read_text("utf-8"))
        return {str(one["name"]) for one in yaml.safe_load(self.assets.read_text("utf-8"))["assets"]} - set(told.get("hosts", ()))

    @property
    def roles(self) -> dict[str, str]:
        """What each host of the inventory is."""
        return {str(one["name"]): str(one["role"]) for one in yaml.safe_load(self.assets.read_text("utf-8"))["assets"]}

    def lines(self) -> Iterator[tuple[float, str, bytes]]:
        """Yield time, kind of source and line of every event, in the order of time."""
        found = [one for path in sorted((self.folder / "evidence").rglob("*")) if path.is_file() for one in _timed(path)]
        found.sort(key=lambda one: one[0])
        yield from found


def day(scenario: str, seed: int, folder: Path) -> Day:
    """Make a day with one intrusion, or none."""
    command = [sys.executable, "-m", "watchkeeper", "range", "generate", "--scenario", scenario, "--seed", str(seed), "--out", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    told: Any = yaml.safe_load((folder / "truth" / "story.yml").read_text("utf-8"))
    if "start" not in told:
        return Day(folder, None, ())
    return Day(folder, datetime.fromisoformat(told["start"]), tuple(told["attackers"]["addresses"]))


def _timed(path: Path) -> Iterator[tuple[float, str, bytes]]:
    """Yield the events of a file; one without a time of its own has that of the one before."""
    time = 0.0
    for line in path.read_bytes().splitlines():
        event: Any = json.loads(line)
        said = next((event[name] for name in _TIMES if name in event), None)
        if isinstance(said, (int, float)):
            time = float(said)
        elif isinstance(said, str):
            moment = datetime.fromisoformat(said)
            time = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        yield time, path.parent.name, line

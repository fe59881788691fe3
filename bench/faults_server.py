"""The server under faults: started, killed in part or whole, asked how far it is. Owns its process; what is sent to it stands beside."""

import atexit
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from watchkeeper.access.tokens import digest, new_secret
from watchkeeper.journal import Frames, key_of, partition_of, partitions
from watchkeeper.lake import EventTable
from watchkeeper.model.sender import Sender
from watchkeeper.model.vitals import Vitals
from watchkeeper.server.vitals import read_vitals
from watchkeeper.store import open_store

RULE = """title: Marked command
id: 5f1c7a52-7a51-4d43-9b5e-0d1f3b7c2a10
status: stable
logsource: {product: windows, category: process_creation}
detection:
  marked: {CommandLine|contains: ' --marked '}
  condition: marked
level: high
"""
PARTS = ("web", "worker-0", "worker-1", "keeper")
WHOLE = "supervisor"
SENDERS = ("bulk-ids", "bulk", "ndjson", "syslog")


def free_port() -> int:
    """Give a port that nobody has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def until(happened: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait for something; give how long that took."""
    began = time.monotonic()
    while not happened():
        if time.monotonic() - began > seconds:
            raise SystemExit(f"within {seconds:.0f} s it did not happen: {what}")
        time.sleep(0.02)
    return time.monotonic() - began


@dataclass(slots=True)
class Server:
    """`watchkeeper serve` over a state folder."""

    state: Path
    database: str = ""
    port: int = field(default_factory=free_port)
    syslog: int = field(default_factory=free_port)
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    process: subprocess.Popen[bytes] | None = None

    @property
    def command(self) -> list[str]:
        """What the product's commands begin with."""
        return [sys.executable, "-m", "watchkeeper"]

    @property
    def environment(self) -> dict[str, str]:
        """Where they find the database."""
        return {**os.environ, "OMP_NUM_THREADS": "1"} | ({"WATCHKEEPER_DATABASE": self.database} if self.database else {})

    def prepare(self) -> None:
        """Make the state folder with a rule and the senders."""
        (self.state / "rules").mkdir(parents=True)
        (self.state / "rules" / "marked.yml").write_text(RULE, "utf-8")
        with closing(open_store(self.database or self.state)) as store:
            for number, name in enumerate(SENDERS):
                peers = ("127.0.0.0/8",) if name == "syslog" else ()
                one = Sender(id=f"{number * 0x1F31D0:08x}{number:024x}", tenant="default", name=name, peers=peers, silent_after_seconds=0)
                store.keep_sender(one)
                self.tokens[name] = new_secret("wks")
                store.keep_sender_token(one.id, digest(self.tokens[name]))

    def start(self) -> None:
        """Start it; returns at once."""
        atexit.register(self._abandoned)
        words = ["serve", "--port", str(self.port), "--syslog", str(self.syslog), "--workers", "2", "--state", str(self.state)]
        words += ["--rules", str(self.state / "rules"), "--no-own-rules", "--no-intel", "--log", "json"]
        with (self.state / "log").open("ab") as log:
            self.process = subprocess.Popen([*self.command, *words], stdout=log, stderr=log, env=self.environment)

    def ready(self, seconds: float = 180) -> float:
        """Wait until every process works; give how long that took."""
        return until(lambda: {one.process for one in self.parts() if one.phase == "running"} >= set(PARTS), seconds, "every process works")

    def parts(self) -> list[Vitals]:
        """Give what the processes of this life of the server say of themselves."""
        mine = self._pid()
        return [one for one in read_vitals(self.state).vitals if _parent(one.pid) == mine and one.phase != "stopped"]

    def _pid(self) -> int:
        return self.process.pid if self.process else -1

    def kill(self, name: str) -> bool:
        """Kill a part, or the supervisor alone, which is then started again; false if it does not live now."""
        if name == WHOLE:
            self.kill_whole(parts=False)
            self.start()
            return True
        found = next((one.pid for one in self.parts() if one.process == name), None)
        if found is None:
            return False
        os.kill(found, signal.SIGKILL)
        return True

    def kill_whole(self, *, parts: bool = True) -> None:
        """Kill the supervisor, and all of its processes before it if asked."""
        every = _children(self._pid()) if parts else []
        for pid in [self._pid(), *every]:
            os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

    def stop(self) -> tuple[float, int]:
        """Tell it to stop; give how long that took, and its exit code."""
        if self.process is None:
            return 0.0, -1
        began = time.monotonic()
        self.process.terminate()
        code = self.process.wait(120)
        return time.monotonic() - began, code

    def _abandoned(self) -> None:
        """Leave nothing running where the exam itself failed."""
        if self.process and self.process.poll() is None:
            self.kill_whole()

    def drained(self, seconds: float = 120) -> float:
        """Wait until the lake holds all that the journal does; give how long that took."""
        return until(self._is_drained, seconds, "the lake holds everything")

    def _is_drained(self) -> bool:
        table, journal = EventTable(self.state / "lake" / "events"), self.state / "journal"
        return all(
            (table.position(partition_of(journal, number).name) or 0) >= _last(journal, number) for number in range(partitions(journal))
        )


def _last(journal: Path, number: int) -> int:
    frames = Frames(partition_of(journal, number), key_of(journal))
    found = max((sequence for sequence, _ in frames.heads()), default=-1)
    frames.close()
    return found


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(") ")[2].split()[1])
    except OSError:
        return -2


def _children(pid: int) -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal() and _parent(int(path.name)) == pid]

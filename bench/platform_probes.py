"""Probes of `bench-platform`: single events that say how long it takes to be searchable and to be detected. Owns asking, not the load."""

import json
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import httpx

from watchkeeper.autopilot.handing import unpacked
from watchkeeper.journal import Frames, key_of, partitions
from watchkeeper.lake import Questions

EVERY_SECONDS = 15.0
LOOK_SECONDS = 2.0
_DUMP = "C:\\Windows\\System32\\rundll32.exe C:\\Windows\\System32\\comsvcs.dll, MiniDump 624 C:\\Temp\\lsass.dmp full"


class Probes:
    """Sends a probe every few seconds, and looks for those sent, in a thread of its own."""

    def __init__(self, state: Path, port: int, tokens: Sequence[str]) -> None:
        """Take the state folder, and where and as whom to send."""
        self._state, self._url, self._tokens = state, f"http://127.0.0.1:{port}/probe/_bulk", tokens
        self.searchable: list[float] = []
        self.detected: list[float] = []
        self.sent = 0
        self.missing = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="probes", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Send no more; what was sent is looked for until the thread gives up."""
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        journal = self._state / "journal"
        frames = [Frames(journal / f"signals-{number}", key_of(journal)) for number in range(partitions(journal))]
        questions = Questions(self._state / "lake" / "events")
        unseen: dict[str, float] = {}
        undetected: dict[str, float] = {}
        due, number, end = 0.0, 0, float("inf")
        while time.monotonic() < end and not (self._over.is_set() and not unseen and not undetected):
            if self._over.is_set() and end == float("inf"):
                end = time.monotonic() + 120
            if not self._over.is_set() and time.monotonic() >= due:
                due = time.monotonic() + EVERY_SECONDS
                host = f"probe{number}"
                self._send(host, number)
                unseen[host] = undetected[host] = time.monotonic()
                number += 1
                self.sent = number
            for host in _signalled(frames) & undetected.keys():
                self.detected.append(time.monotonic() - undetected.pop(host))
            for host in list(unseen):
                if _found(questions, host):
                    self.searchable.append(time.monotonic() - unseen.pop(host))
            time.sleep(LOOK_SECONDS)
        self.missing = len(unseen) + len(undetected)

    def _send(self, host: str, number: int) -> None:
        event = {
            "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "Hostname": host, "SourceName": "Microsoft-Windows-Sysmon",
            "@timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()), "Image": "C:\\Windows\\System32\\rundll32.exe",
            "OriginalFileName": "RUNDLL32.EXE", "CommandLine": f"{_DUMP} {number}", "User": "CORP\\probe", "RecordNumber": str(number),
        }  # fmt: skip
        token = self._tokens[number % len(self._tokens)]
        body = '{"create":{}}\n' + json.dumps(event) + "\n"
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"}
        answer = httpx.post(self._url, content=body, headers=headers, timeout=30)
        if answer.status_code != 200 or answer.json()["errors"]:
            raise SystemExit(f"a probe was not accepted: {answer.status_code} {answer.text[:200]}")


def _signalled(frames: Sequence[Frames]) -> set[str]:
    """Give the hosts of probes that signals were handed on of since the last time."""
    found: set[str] = set()
    for one in frames:
        for frame in one.new():
            for tenant in unpacked(frame.head, frame.body)[1].values():
                found.update(host for host in tenant.signals.column("host").to_pylist() if str(host).startswith("probe"))
    return found


def _found(questions: Questions, host: str) -> bool:
    question = f"SELECT count(*) AS n FROM events WHERE _host = '{host}'"  # noqa: S608 -- our own name
    answer = questions.ask(question, {"default"}).answer()
    return int(answer.rows.column("n")[0].as_py()) > 0

"""Senders for `bench-faults`: numbered events through three doors, each batch until it is acknowledged. Owns what was."""

import http.client
import json
import socket
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from faults_server import Server

BATCH, EVERY, HOSTS = 50, 25, 6
"""Events of a batch; one in so many is marked; hosts that take turns."""
MARK = "fault"


@dataclass(slots=True)
class Said:
    """What one sender was told."""

    acknowledged: set[int] = field(default_factory=set[int])
    batches: int = 0
    again: int = 0
    """Times that a batch was sent again."""
    answers: Counter[str] = field(default_factory=Counter[str])
    """Answers by status, or what became of the connection."""
    without_time: int = 0
    """Refusals for now that did not say when to come back."""
    longest_seconds: float = 0.0
    """Longest time from a batch's first sending to its acknowledgement."""


def document(kind: str, number: int, base: datetime) -> dict[str, Any]:
    """Make an event: a process creation; marked ones are sent under ids only, so that what rules find does not depend on repeats."""
    marked = " --marked " if kind == "bulk-ids" and number % EVERY == 0 else " --plain "
    moment = base + timedelta(milliseconds=20 * number)
    return {
        "@timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z", "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational",
        "Hostname": f"host{number % HOSTS}.example.org", "Image": "C:\\Windows\\System32\\tool.exe",
        "CommandLine": f"tool{marked}{MARK}-{kind}-{number};", "User": "EXAMPLE\\ada", "ProcessId": "4242",
    }  # fmt: skip


class Sending:
    """All senders at once, each in a thread, until told to stop or so many events are sent."""

    def __init__(self, server: Server, base: datetime | None = None, pause: float = 0.1) -> None:
        """Take whom to send to, the time of the first event, and the pause between batches."""
        self.server, self.base, self.pause = server, base or datetime.now(UTC) - timedelta(hours=1), pause
        self.said = {name: Said() for name in server.tokens}
        self._stopping, self._going = threading.Event(), threading.Event()
        self._going.set()
        self._threads: list[threading.Thread] = []

    def start(self, most: dict[str, int] | None = None) -> None:
        """Send until `stop`, or as many as are told of each kind."""
        for kind in self.said:
            run = self._lines if kind == "syslog" else self._batches
            self._threads.append(threading.Thread(target=run, args=(kind, most[kind] if most else 1 << 40), daemon=True))
            self._threads[-1].start()

    def pause_all(self) -> None:
        """Begin no other batch until `go_on`, and wait until those that are being sent are acknowledged."""
        self._going.clear()
        time.sleep(3)

    def go_on(self) -> None:
        """Send on after a pause."""
        self._going.set()

    def stop(self) -> None:
        """Finish the batches that are being sent."""
        self._stopping.set()
        self.wait()

    def wait(self) -> None:
        """Wait until everything was sent."""
        for one in self._threads:
            one.join()

    def sent(self) -> dict[str, int]:
        """Give how many events of each kind were acknowledged, or for syslog written."""
        return {kind: len(said.acknowledged) for kind, said in self.said.items()}

    def _batches(self, kind: str, most: int) -> None:
        said, first = self.said[kind], 0
        while first < most and not self._stopping.is_set():
            self._until_acknowledged(kind, list(range(first, first + BATCH)), said)
            first += BATCH
            said.batches += 1
            time.sleep(self.pause)
            self._going.wait()

    def _until_acknowledged(self, kind: str, numbers: list[int], said: Said) -> None:
        began = time.monotonic()
        while True:
            status, kept = self._send(kind, numbers, said)
            said.answers[status] += 1
            if status == "200":
                said.acknowledged.update(kept)
                numbers = [one for one in numbers if one not in kept]
            elif status not in {"429", "503", "no answer"}:
                raise SystemExit(f"{kind}: the server answered {status}")
            if not numbers:
                said.longest_seconds = max(said.longest_seconds, time.monotonic() - began)
                return
            said.again += 1
            time.sleep(0.2)

    def _send(self, kind: str, numbers: list[int], said: Said) -> tuple[str, set[int]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            path, body = self._request(kind, numbers)
            headers = {"Authorization": f"Bearer {self.server.tokens[kind]}", "Content-Type": "application/x-ndjson"}
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return "no answer", set()
        finally:
            connection.close()
        if answer.status in {429, 503} and not answer.headers.get("retry-after"):
            said.without_time += 1
        if answer.status != 200:
            return str(answer.status), set()
        if kind == "ndjson":
            return "200", set(numbers)
        items = [next(iter(item.values()))["status"] for item in json.loads(text)["items"]]
        return "200", {number for number, status in zip(numbers, items, strict=True) if status in {200, 201}}

    def _request(self, kind: str, numbers: list[int]) -> tuple[str, bytes]:
        lines: list[str] = []
        for number in numbers:
            if kind != "ndjson":
                lines.append(json.dumps({"create": {"_index": "logs", **({"_id": f"n{number}"} if kind == "bulk-ids" else {})}}))
            lines.append(json.dumps(document(kind, number, self.base)))
        return "/ingest/ndjson" if kind == "ndjson" else "/_bulk", ("\n".join(lines) + "\n").encode()

    def _lines(self, kind: str, most: int) -> None:
        """Write lines of syslog over TCP, which acknowledges nothing: what was written is lost with the process that had not read it."""
        said, number, connection = self.said[kind], 0, None
        while number < most and not self._stopping.is_set():
            try:
                connection = connection or socket.create_connection(("127.0.0.1", self.server.syslog), 5)
                lines = [f"<13>1 {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} host tool - - - {MARK}-{kind}-{number + one};" for one in range(5)]
                connection.sendall(("\n".join(lines) + "\n").encode())
            except OSError:
                said.again += 1
                connection = None
                time.sleep(0.2)
                continue
            said.acknowledged.update(range(number, number + 5))
            number += 5
            time.sleep(self.pause)
        if connection:
            connection.close()

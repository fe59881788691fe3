"""Load for `bench-platform`: real events as `_bulk` bodies, rewritten for each pass. Sends as its own process; measures acceptance alone.

Each pass over the corpus gives every event the present time, other record numbers and GUIDs and another host, and makes some of the values
that rules look at new, in place: the bytes of a body are copied and a few of them overwritten, so that the sender takes little of the
machine that it loads.
"""

import json
import re
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from sigma_corpus import real

DOCUMENTS = 1_000
"""In one body."""
NEW_SHARE = 0.72
"""Of the values in `CHANGED`, so many are new in each pass; how many of all that rules look at are new then is measured."""
CHANGED = (
    "CommandLine", "ParentCommandLine", "Image", "ParentImage", "TargetFilename", "TargetObject", "Details", "ImageLoaded", "QueryName",
    "ScriptBlockText", "Payload", "PipeName", "ObjectName", "NewProcessName", "Hashes", "CallTrace", "SourceImage", "TargetImage",
    "User", "SubjectUserName", "TargetUserName", "IpAddress", "SourceIp", "DestinationIp", "ServiceName", "ProcessName",
)  # fmt: skip
_ACTION = b'{"create":{"_index":"logs-windows"}}\n'
_TIME = re.compile(rb"20\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d:[0-5]\d")
_GUID = re.compile(rb"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-([0-9a-fA-F]{12})")
_NUMBER = re.compile(rb'"(?:RecordNumber|EventRecordID|record_id)":\s?"?(\d{3,})')
_HOST = re.compile(rb'"(?:Hostname|Computer|host)":\s?"([A-Za-z][A-Za-z0-9-]{2,})')
_VALUE = re.compile(rb'"(?:%s)":\s?"((?:[^"\\]|\\.)*)"' % b"|".join(name.encode() for name in CHANGED))
_PLAIN = re.compile(rb"(?<![\\A-Za-z0-9])[A-Za-z0-9]{5,}")
_LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", np.uint8)
_DIGITS = np.frombuffer(b"0123456789", np.uint8)
_WIDTH = 5


class Body:
    """One `_bulk` body and where its bytes change."""

    def __init__(self, lines: list[bytes], chance: np.random.Generator) -> None:
        """Take documents, a line each."""
        data = b"".join(_ACTION + line + b"\n" for line in lines)
        self.events = len(lines)
        self.bytes = np.frombuffer(data, np.uint8).copy()
        self.times = _starts(_TIME, data)
        self.guids = _starts(_GUID, data, 1)
        self.numbers = np.array([match.end(1) - 3 for match in _NUMBER.finditer(data)], np.int64)
        self.hosts = _starts(_HOST, data, 1)
        self.values = np.array(list(_changing(data, chance)), np.int64)

    def rewritten(self, turn: int, serial: int, moment: bytes) -> memoryview:
        """Give the body for one pass; the same memory each time."""
        data, letters = self.bytes, _LETTERS
        for place, byte in enumerate(moment):
            if place != 10:
                data[self.times + place] = byte
        for place in range(4):
            data[self.guids + place] = b"0123456789abcdef"[(turn >> (4 * place)) & 15]
        for place in range(3):
            data[self.numbers + place] = _DIGITS[(serial // 10**place) % 10]
        data[self.hosts + 1], data[self.hosts + 2] = letters[turn % 32], letters[turn // 32 % 32]
        number = serial * 4_096 + np.arange(len(self.values))
        for place in range(_WIDTH):
            data[self.values + place] = letters[(number >> (5 * place)) & 31]
        return memoryview(data)


def _changing(data: bytes, chance: np.random.Generator) -> Iterator[int]:
    """Yield where in some values five letters or digits stand that can be others without making it no JSON."""
    for match in _VALUE.finditer(data):
        if chance.random() < NEW_SHARE:
            plain = [found.start() for found in _PLAIN.finditer(match.group(1))]
            if plain:
                yield match.start(1) + plain[-1]


def _starts(pattern: re.Pattern[bytes], data: bytes, group: int = 0) -> Any:
    return np.array([match.start(group) for match in pattern.finditer(data)], np.int64)


def bodies(megabytes: int, seed: int = 7) -> list[Body]:
    """Make the bodies from the first megabytes of the shuffled corpus."""
    chance = np.random.default_rng(seed)
    with real().open("rb") as file:
        lines = [line.rstrip(b"\r") for line in file.read(megabytes << 20).split(b"\n")[:-1]]
    return [Body(lines[start : start + DOCUMENTS], chance) for start in range(0, len(lines), DOCUMENTS)]


class Connection:
    """One HTTP connection that speaks as little as it can."""

    def __init__(self, port: int, token: str) -> None:
        """Connect on loopback."""
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = (
            "POST /_bulk HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: %d\r\n\r\n"
        ).encode()
        self._kept = bytearray(4 << 20)

    def send(self, body: memoryview) -> tuple[int, int]:
        """Send a body and read the whole answer; give its status, and how many items say that they were kept."""
        self._socket.sendall(self._head % len(body))
        self._socket.sendall(body)
        got = memoryview(self._kept)
        have = 0
        while True:
            have += self._socket.recv_into(got[have:])
            end = self._kept.find(b"\r\n\r\n", 0, have)
            if end >= 0:
                break
        head = bytes(got[:end]).lower()
        length = int(re.search(rb"content-length: (\d+)", head).group(1))  # type: ignore[union-attr]  # our server gives it
        while have < end + 4 + length:
            have += self._socket.recv_into(got[have:])
        status = int(head[9:12])
        return status, self._kept.count(b'"status":201', end, have)


class Load:
    """Sends from several connections at a rate, and notes what became of it."""

    def __init__(self, port: int, tokens: list[str], megabytes: int) -> None:
        """Make the bodies, a connection for each token's sender."""
        self.bodies = bodies(megabytes)
        self._port, self._tokens = port, tokens
        self.accepted = self.refused = self.sent = self.bytes = 0
        self.latencies: list[float] = []
        self._next = 0
        self._lock = threading.Lock()

    def run(self, rate: float, seconds: float) -> dict[str, Any]:
        """Send for so many seconds, so many events a second (0: as fast as they are taken)."""
        start = time.perf_counter()
        threads = [threading.Thread(target=self._send, args=(token, rate, start, start + seconds)) for token in self._tokens]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        wall = time.perf_counter() - start
        found = np.array(self.latencies or [0.0]) * 1e3
        return {
            "seconds": wall, "accepted": self.accepted, "refused_bodies": self.refused, "bytes": self.bytes, "cpu": time.process_time(),
            "accepted_per_second": self.accepted / wall, "p50_ms": float(np.percentile(found, 50)),
            "p99_ms": float(np.percentile(found, 99)), "most_ms": float(found.max()),
        }  # fmt: skip

    def _send(self, token: str, rate: float, start: float, end: float) -> None:
        connection = Connection(self._port, token)
        while True:
            with self._lock:
                number = self._next
                self._next += 1
                due = start + (self.sent / rate if rate else 0)
                body = self.bodies[number % len(self.bodies)]
                self.sent += body.events
            now = time.perf_counter()
            if max(now, due) >= end:
                return
            if due > now:
                time.sleep(due - now)
            moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()).encode()
            data = body.rewritten(number // len(self.bodies), number, moment)
            self._until_taken(connection, data, body)

    def _until_taken(self, connection: Connection, data: memoryview, body: Body) -> None:
        while True:
            begun = time.perf_counter()
            status, kept = connection.send(data)
            with self._lock:
                if status == 200 and kept == body.events:
                    self.latencies.append(time.perf_counter() - begun)
                    self.accepted += kept
                    self.bytes += len(data)
                    return
                self.refused += 1
            if status not in {429, 503}:
                raise SystemExit(f"the server answered {status} and kept {kept} of {body.events}")
            time.sleep(1.0)


def main() -> None:
    """Run as a process: port, megabytes, rate, seconds and tokens in; figures out as one line of JSON."""
    port, megabytes, rate, seconds, *tokens = sys.argv[1:]
    load = Load(int(port), tokens, int(megabytes))
    print("ready", flush=True)
    sys.stdin.readline()
    before = time.process_time()
    found = load.run(float(rate), float(seconds))
    print(json.dumps({**found, "cpu": time.process_time() - before}), flush=True)


if __name__ == "__main__":
    main()

"""A small incident with a trace, as the steps before would leave it; what real servers of the tests need: a port, a certificate, an end."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Edge, Node, NodeKind, Trace
from watchkeeper.model.verdict import Verdict

NOW = datetime(2025, 5, 5, 12, tzinfo=UTC)
OUTSIDE = "203.0.113.66"


def _node(name: str, kind: NodeKind, label: str, *, alerted: bool = False, **details: str) -> Node:
    return Node(
        id=name,
        kind=kind,
        label=label,
        host="" if kind in {"address", "domain"} else "ws1",
        time=NOW,
        details=details,
        alerted=alerted,
        tactic="",
    )


def _edge(source: str, target: str, kind: str) -> Edge:
    return Edge(source=source, target=target, kind=kind, time=NOW, evidence=(f"{source}-{target}",))


@pytest.fixture
def incident() -> Incident:
    trace = Trace(
        nodes=(
            _node("word", "process", "winword.exe", pid="4"),
            _node("ps", "process", "powershell.exe", alerted=True, pid="44"),
            _node("lsass", "process", "lsass.exe", alerted=True, pid="600"),
            _node("c2", "address", OUTSIDE),
            _node("own", "address", "10.0.0.9"),
            _node("site", "domain", "Evil.example"),
            _node("ours", "domain", "intranet.example"),
            _node("all", "domain", "co.uk"),
            _node("drop", "file", "stage.exe", path="C:\\Users\\a\\stage.exe"),
            _node("doc", "file", "report.docx", path="C:\\Users\\a\\report.docx"),
            _node("run", "registry", "Updater", alerted=True, path="HKU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run\\Updater"),
            _node("bob", "user", "CORP\\bob", alerted=True),
            _node("sys", "user", "SYSTEM", alerted=True),
            _node("mail", "mail", "Invoice", alerted=True, **{"from": "Eve <eve@evil.example>"}, message_id="<bad.1@evil.example>"),
            _node("news", "mail", "Newsletter", message_id="<news@list.example>"),
            _node("old", "mail", "No id", alerted=True, **{"from": "eve@evil.example"}),
            _node("ann", "user", "Ann@corp.example", user="Ann@corp.example"),
        ),
        edges=(
            _edge("word", "ps", "started"),
            _edge("ps", "c2", "connected"),
            _edge("ps", "own", "connected"),
            _edge("ps", "site", "asked"),
            _edge("ps", "ours", "asked"),
            _edge("ps", "all", "asked"),
            _edge("ps", "drop", "wrote"),
            _edge("ps", "doc", "wrote"),
            _edge("ps", "run", "set"),
            _edge("lsass", "c2", "connected"),
            _edge("bob", "word", "ran"),
            _edge("sys", "lsass", "ran"),
            _edge("mail", "ann", "delivered"),
            _edge("news", "ann", "delivered"),
            _edge("old", "ann", "delivered"),
        ),
        entry="word",
        entry_note=Note(code="x"),
        story=(),
        dropped_claims=0,
        attackers=(
            Entity(kind="address", value=OUTSIDE),
            Entity(kind="address", value="10.0.0.9"),
            *(Entity(kind="domain", value=value) for value in ("evil.example", "intranet.example", "co.uk", "unseen.example")),
        ),
        techniques=(),
        unknowns=(),
        events_read=9,
    )
    verdict = Verdict(outcome="succeeded", confidence=0.9, hypothesis="h", why=(), missing=(), opinions=(), decided_by="fast")
    return Incident(
        id="i", rank=1, title="t", level="high", score=9.0, start=NOW, end=NOW, sessions=("s",), folds=(), hosts=("ws1",), entities=(),
        techniques=(), tactics=("credential-access", "impact", "exfiltration"), why=(), shown=True, verdict=verdict, trace=trace,
    )  # fmt: skip


@pytest.fixture
def folder() -> Generator[Path]:
    """A folder that the users of services may enter, with a path short enough for a socket in it."""
    made = Path(tempfile.mkdtemp(prefix="wk"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made)


@pytest.fixture
def started() -> Generator[Callable[[list[str], int], None]]:
    """Start a server that stays in front and wait until it takes connections at a port; it and what it started are ended after the test."""
    running: list[subprocess.Popen[bytes]] = []

    def start(words: list[str], port: int) -> None:
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        running.append(process)
        for _ in range(500):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return
            if process.poll() is not None:
                break
            time.sleep(0.02)
        pytest.fail(f"{words[0]} does not take connections at port {port}; it ended with {process.poll()}")

    yield start
    for process in running:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    for process in running:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]

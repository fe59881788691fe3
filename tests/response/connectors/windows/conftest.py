"""A Windows host that is none: a program called `ssh` keeps what it is sent and says what a test wrote down for it before."""

import json
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.means import Job, Means
from watchkeeper.response.connectors.hosts import HostsPlace

KEY = "a" * 32
CAME = "192.0.2.7 50111 192.0.2.10 22"
PROGRAM = """#!{python} -IS
import base64, json, pathlib, sys
folder = pathlib.Path({folder!r})
given = sys.stdin.buffer.read()
number = len(list(folder.glob("sent.*")))
told = json.loads(base64.b64decode(given.split(b"'")[1]))
(folder / f"sent.{{number}}").write_text(json.dumps([sys.argv[1:], given.decode("ascii"), told]))
status, out, err = json.loads((folder / f"answer.{{number}}").read_text())
sys.stdout.buffer.write(out.replace("TOKEN", told["token"]).encode())
sys.stderr.buffer.write(err.encode())
sys.exit(status)
"""
_PARSER = Parser(Language(tree_sitter_powershell.language()))


@dataclass(frozen=True)
class Sent:
    """What one command was sent."""

    words: list[str]
    """Of the program `ssh`."""
    script: str
    """What went in by standard input."""
    told: dict[str, Any]
    """What the script is told."""


@dataclass(frozen=True)
class Host:
    """The place, and the folder of the program."""

    place: HostsPlace
    folder: Path

    def means(self, action: str) -> Means:
        return self.place.means(action, str)

    def says(self, *answers: object, out: str = "", err: str = "", status: int = 0) -> None:
        """Write down the next answers: objects that scripts answer, or else what comes out of the program."""
        for one in answers or (None,):
            text = f"TOKEN {encoded(one)}\r\n" if answers else out
            number = len(list(self.folder.glob("answer.*")))
            (self.folder / f"answer.{number}").write_text(json.dumps([status, text, err]))

    @property
    def sent(self) -> list[Sent]:
        found = sorted(self.folder.glob("sent.*"), key=lambda path: int(path.suffix[1:]))
        return [Sent(*json.loads(path.read_text())) for path in found]


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host called ws1."""
    (tmp_path / "ssh").write_text(PROGRAM.format(python=sys.executable, folder=str(tmp_path)))
    (tmp_path / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return Host(place(), tmp_path)


def place(**otherwise: object) -> HostsPlace:
    login = {"user": "CORP\\watch", "identity": "file:/none", "known_hosts": "/none"}
    told = {"name": "desks", "by": "hosts", "system": "windows", "actions": ["x"], "hosts": {"ws1": "192.0.2.10"}, "at": login, **otherwise}
    return HostsPlace.model_validate(told)


def job(action: str, kind: EntityKind, value: str, **arguments: str) -> Job:
    return Job(
        key=KEY, tenant="default", incident="i1", action=action, targets=(Entity(kind=kind, value=value),), arguments=arguments,
        expires=datetime.now(UTC) + timedelta(seconds=600),
    )  # fmt: skip


def encoded(answer: object) -> str:
    return b64encode(json.dumps(answer).encode()).decode()


def decoded(words: list[str]) -> str:
    """Give the script of a command line that has one."""
    return b64decode(words[-1]).decode("utf-16-le")


def parsed(script: str) -> Node:
    return _PARSER.parse(script.encode()).root_node


def faults(script: str) -> list[str]:
    """Say what of a script is no PowerShell."""
    lines = script.splitlines() or [""]
    return [lines[min(node.start_point[0], len(lines) - 1)] for node in walked(parsed(script)) if node.type == "ERROR" or node.is_missing]


def walked(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from walked(child)

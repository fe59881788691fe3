"""Commands: running a program on this machine or over SSH, bounded in time and in what it answers. Owns no command of its own.

Words go as a list; over SSH each is quoted for the shell of the other side, so that nothing telemetry holds is ever read as a command.
"""

import os
import selectors
import shlex
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from signal import SIGKILL
from typing import IO, Annotated, Self

from pydantic import Field, model_validator

from watchkeeper.model.noun import Noun

MOST_BYTES = 1 << 20
"""What a command may answer unless its caller expects more."""
_SHOWN = 500
_CHUNK = 1 << 16
_NOT_REACHED = 255
"""What the SSH client itself ends with, whatever was in its way."""
_OPTIONS = (
    "BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no", "GlobalKnownHostsFile=/dev/null", "IdentitiesOnly=yes",
    "IdentityAgent=none", "PasswordAuthentication=no", "KbdInteractiveAuthentication=no", "ForwardAgent=no", "ForwardX11=no",
    "ClearAllForwardings=yes", "PermitLocalCommand=no", "ControlMaster=no", "ControlPath=none", "ServerAliveInterval=5",
    "ServerAliveCountMax=3", "LogLevel=ERROR",
)  # fmt: skip


class Machine(Noun):
    """Where commands run: this machine unless a host is named, which is then reached with the OpenSSH client."""

    host: Annotated[str, Field(pattern=r"^([A-Za-z0-9:][A-Za-z0-9.:_-]{0,252})?$")] = ""
    """Name or address of the host; empty: this machine."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 22
    """Port of its SSH server."""
    user: Annotated[str, Field(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.@\\-]{0,63})?$")] = ""
    """Who to log in as; needed with a host."""
    identity: Annotated[str, Field(pattern=r"^(file:/.+)?$")] = ""
    """The private key, as `file:/path`, readable by this process alone; needed with a host."""
    known_hosts: Annotated[str, Field(pattern=r"^(/[^\s%\"]+)?$")] = ""
    """File with the host's public key; a host whose key is not in it is never talked to; needed with a host."""
    before: tuple[str, ...] = ()
    """Words that commands which need rights begin with, such as `sudo -n`."""
    seconds: Annotated[int, Field(ge=1, le=600)] = 30
    """How long one command may take."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.host and not (self.user and self.identity and self.known_hosts):
            raise ValueError(f"{self.host!r} is reached over SSH, which needs `user`, `identity` and `known_hosts`")
        return self

    @property
    def spoken(self) -> str:
        """What it is called in messages."""
        return self.host or "this machine"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said before it ended."""

    status: int
    """What it ended with; 0 says that it did what it was asked."""
    out: bytes
    """What it wrote to standard output."""
    err: bytes
    """What it wrote to standard error."""

    @property
    def complaint(self) -> str:
        """The end of what it complained of, on one line, without control characters; for messages."""
        text = (self.err.strip() or self.out.strip()).decode("utf-8", "replace")[-_SHOWN:]
        return " ".join("".join(c if c.isprintable() else " " for c in text).split()) or f"it ended with {self.status}"


@dataclass(frozen=True, slots=True)
class _Bounds:
    """What limits one command, and what it is called in messages."""

    program: str
    machine: Machine
    most_bytes: int

    def __str__(self) -> str:
        return f"{self.program!r} on {self.machine.spoken}"


def run(machine: Machine, words: Sequence[str], given: bytes = b"", *, rights: bool = True, most_bytes: int = MOST_BYTES) -> Answer:
    """Run a program with these words, handing it `given`; an answer with another status than 0 is the caller's to judge.

    Raises:
        ConnectionError: the host was not reached, did not prove who it is, or did not let us in; the message is the SSH client's own.
        TimeoutError: it took longer than the machine's `seconds`; it was stopped here, and may have done its work over there.
        ValueError: there is no such program here, or it answered more than `most_bytes`.
    """
    asked = [*(machine.before if rights else ()), *words]
    answer = _bounded(_over_ssh(machine, asked) if machine.host else asked, given, _Bounds(words[0], machine, most_bytes))
    if machine.host and answer.status == _NOT_REACHED:
        raise ConnectionError(f"{machine.host!r} port {machine.port} was not reached over SSH: {answer.complaint}")
    return answer


def obeyed(machine: Machine, words: Sequence[str], given: bytes = b"", *, rights: bool = True, most_bytes: int = MOST_BYTES) -> bytes:
    """Run a program as `run` does, and give what it wrote.

    Raises:
        OSError: as `run`.
        ValueError: as `run`, or it ended with another status than 0; the message holds what it complained of.
    """
    answer = run(machine, words, given, rights=rights, most_bytes=most_bytes)
    if answer.status:
        raise ValueError(f"{words[0]!r} on {machine.spoken} refused: {answer.complaint}")
    return answer.out


def _over_ssh(machine: Machine, words: Sequence[str]) -> list[str]:
    options = [*_OPTIONS, f"UserKnownHostsFile={machine.known_hosts}", f"ConnectTimeout={min(10, machine.seconds)}"]
    told = [word for option in options for word in ("-o", option)]
    key = machine.identity.removeprefix("file:")
    return ["ssh", "-F", "none", "-T", *told, "-i", key, "-p", str(machine.port), "-l", machine.user, "--", machine.host, shlex.join(words)]


def _bounded(words: Sequence[str], given: bytes, bounds: _Bounds) -> Answer:
    # A file as input: a program that answers before it has read everything can't block us while we write.
    with tempfile.TemporaryFile() as handed:
        handed.write(given)
        handed.seek(0)
        process = _started(words, handed)
        try:
            out, err = _read(process, bounds)
            status = process.wait(bounds.machine.seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"{bounds} closed its output and did not end") from error
        finally:
            _stopped(process)
    return Answer(status, out, err)


def _started(words: Sequence[str], handed: IO[bytes]) -> "subprocess.Popen[bytes]":
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "USER", "LOGNAME") if name in os.environ}
    kept["PATH"] = os.pathsep.join(filter(None, (kept.get("PATH"), "/usr/sbin", "/sbin")))  # where a server keeps nft and its like
    try:
        return subprocess.Popen(  # noqa: S603 -- a list of words, no shell; the program is one that a connector names
            words, stdin=handed, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=kept | {"LC_ALL": "C.UTF-8"}, cwd="/",
            start_new_session=True,
        )  # fmt: skip
    except (FileNotFoundError, PermissionError) as error:
        raise ValueError(f"this machine cannot start {words[0]!r}: {error.strerror}; is it installed?") from error


def _read(process: "subprocess.Popen[bytes]", bounds: _Bounds) -> tuple[bytes, bytes]:
    """Read both outputs until they end."""
    said: dict[int, bytearray] = {}
    until = time.monotonic() + bounds.machine.seconds
    with selectors.DefaultSelector() as waiting:
        for pipe in (process.stdout, process.stderr):
            if pipe:
                waiting.register(pipe, selectors.EVENT_READ)
                said[pipe.fileno()] = bytearray()
        while waiting.get_map():
            ready = waiting.select(max(0.0, until - time.monotonic()))
            if not ready:
                raise TimeoutError(f"{bounds} took longer than {bounds.machine.seconds} seconds")
            for key, _ in ready:
                chunk = os.read(key.fd, _CHUNK)
                said[key.fd] += chunk
                if not chunk:
                    waiting.unregister(key.fileobj)
                if sum(map(len, said.values())) > bounds.most_bytes:
                    raise ValueError(f"{bounds} answered more than {bounds.most_bytes:,} bytes")
    out, err = said.values()
    return bytes(out), bytes(err)


def _stopped(process: "subprocess.Popen[bytes]") -> None:
    """Stop it and what it started, and let go of its pipes; what is not ours to stop, such as a program under `sudo`, ends with them."""
    with suppress(OSError):
        os.killpg(process.pid, SIGKILL)
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(1)

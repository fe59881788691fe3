"""A question to a resolver, over UDP, and its answer. Owns the few bytes of the DNS that this takes; no name is looked up otherwise.

Source: RFC 1035, section 4.
"""

import secrets
import socket
import struct
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

_TYPES = {"A": 1, "TXT": 16}
_TRIES = 3
_SECONDS = 2.0
_MOST_BYTES = 4_096
_HEAD = struct.Struct("!6H")
_ANSWER, _CODE, _ASK_FURTHER = 0x8000, 0x000F, 0x0100


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a resolver said of a name."""

    code: int
    """0 if there is one, 3 if there is none; others are troubles of the resolver."""
    records: int
    """How many records the answer holds."""

    @property
    def refused(self) -> bool:
        """Whether the resolver says that there is no such name."""
        return self.code == 3


def resolved(server: str, port: int, name: str, kind: Literal["A", "TXT"] = "A") -> Resolved:
    """Ask a resolver for a name.

    Raises:
        TimeoutError: it did not answer three times.
        ConnectionError: nothing listens there.
        ValueError: the name cannot be asked for.
    """
    labels = [label.encode("ascii") for label in name.split(".")]
    if not all(0 < len(label) < 64 for label in labels) or len(name) > 253:
        raise ValueError(f"{name[:80]!r} cannot be asked for in the DNS")
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0" + struct.pack("!2H", _TYPES[kind], 1)
    family = socket.AF_INET if ip_address(server).version == 4 else socket.AF_INET6
    for _ in range(_TRIES):
        with socket.socket(family, socket.SOCK_DGRAM) as line:
            line.settimeout(_SECONDS)
            line.connect((server, port))
            number = secrets.randbelow(1 << 16)
            line.send(_HEAD.pack(number, _ASK_FURTHER, 1, 0, 0, 0) + question)
            try:
                return _read(line.recv(_MOST_BYTES), number, question)
            except (TimeoutError, ValueError):
                continue  # lost, or not the answer to what was asked: asked again from another port
    raise TimeoutError(f"the resolver {server} port {port} gave no answer for {name!r}")


def _read(answer: bytes, number: int, question: bytes) -> Resolved:
    if len(answer) < _HEAD.size + len(question):
        raise ValueError("shorter than an answer")
    theirs, flags, _, records, _, _ = _HEAD.unpack_from(answer)
    if theirs != number or not flags & _ANSWER or answer[_HEAD.size : _HEAD.size + len(question)].lower() != question.lower():
        raise ValueError("an answer to something else")
    return Resolved(flags & _CODE, records)

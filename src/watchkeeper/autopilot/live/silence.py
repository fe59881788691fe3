"""Silence: senders from which nothing comes any more. Owns when one counts as silent, the signal that says so, and its end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from watchkeeper.model.ids import begun, ids
from watchkeeper.model.note import Note
from watchkeeper.model.sender import Sender
from watchkeeper.model.signal import SIGNAL_SCHEMA

DETECTOR = "watchkeeper"
"""Detector of signals on the watch itself."""
SILENT = "watchkeeper/silent-sender"
"""Rule of the signals on senders that fell silent."""
TITLE = "A sender of telemetry has fallen silent"
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of senders by their ids."""

    last: Mapping[str, int] = field(default_factory=dict[str, int])
    """When something came from it last, µs since 1970, UTC."""
    silent: Mapping[str, int] = field(default_factory=dict[str, int])
    """Those that are silent, with the time since when."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What became of senders since the last look."""

    signals: pa.Table
    """On those that have fallen silent (`SIGNAL_SCHEMA`)."""
    spoke: tuple[str, ...]
    """Ids of those that were silent and speak again, or are silent on purpose now."""


class Silence:
    """Knows when each sender was heard last."""

    def __init__(self, heard: Heard = Heard()) -> None:
        """Go on from what another knew."""
        self._last = dict(heard.last)
        self._silent = dict(heard.silent)

    @property
    def heard(self) -> Heard:
        """What it knows."""
        return Heard(dict(self._last), dict(self._silent))

    def hear(self, sender: str, time: int) -> None:
        """Note that something came from a sender, µs since 1970."""
        self._last[sender] = max(time, self._last.get(sender, time))

    def look(self, senders: Iterable[Sender], now: datetime) -> Looked:
        """Say who has fallen silent by now, each once, and whose silence is over; who was never heard is not waited for."""
        known = {sender.id: sender for sender in senders}
        moment = int(now.timestamp() * _MICRO)
        due = {id_: since for id_, sender in known.items() if (since := self._since(sender)) is not None and since <= moment}
        spoke = tuple(sorted(self._silent.keys() - due.keys()))
        fresh = [known[id_] for id_ in due if id_ not in self._silent]
        self._silent = {id_: self._silent.get(id_, since) for id_, since in due.items()}
        self._last = {id_: last for id_, last in self._last.items() if id_ in known}
        return Looked(self._signals(fresh), spoke)

    def notes(self, senders: Iterable[Sender]) -> tuple[Note, ...]:
        """Say of each silent sender since when nothing came from it."""
        silent = ((sender, self._last.get(sender.id)) for sender in senders if sender.id in self._silent)
        return tuple(
            Note(code="sender.silent", arguments={"sender": sender.name, "last": _written(last)})
            for sender, last in silent
            if last is not None
        )

    def _since(self, sender: Sender) -> int | None:
        last = self._last.get(sender.id)
        if last is None or not sender.on or not sender.silent_after_seconds:
            return None
        return last + sender.silent_after_seconds * _MICRO

    def _signals(self, senders: Iterable[Sender]) -> pa.Table:
        rows = [self._row(sender, self._last[sender.id]) for sender in senders]
        return pa.Table.from_pylist(rows, schema=SIGNAL_SCHEMA)

    def _row(self, sender: Sender, last: int) -> dict[str, Any]:
        (event,) = ids([begun(f"{SILENT}\0{sender.id}\0".encode())], [str(last).encode()]).to_pylist()
        (signal,) = ids([begun(f"{SILENT}\0".encode())], [event.encode()]).to_pylist()
        matches = {"sender": sender.name, "last heard": _written(last), "silent after seconds": str(sender.silent_after_seconds)}
        return {
            "id": signal, "event_id": event, "time": datetime.fromtimestamp(self._silent[sender.id] / _MICRO, UTC), "host": "", "user": "",
            "source": sender.name, "row": 0, "rule": SILENT, "title": TITLE, "level": "medium", "detector": DETECTOR, "techniques": [],
            "tactics": [], "entities": [], "matches": [{"field": name, "value": value} for name, value in matches.items()],
            "synthetic": False,
        }  # fmt: skip


def _written(time: int) -> str:
    return datetime.fromtimestamp(time / _MICRO, UTC).isoformat(timespec="seconds")

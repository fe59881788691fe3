"""Journal: every record of a run, which of them the attacker caused, and their order on disk. Owns files and row numbers, not shapes."""

import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

import msgspec

from watchkeeper.cyberrange import windows


@dataclass(frozen=True, slots=True)
class Mark:
    """Which step of the attack a record belongs to."""

    step: str
    technique: str
    host: str
    """Host that the step acts on."""


@dataclass(frozen=True, slots=True)
class _Entry:
    when: float
    shape: tuple[str, int]
    data: Mapping[str, object]
    mark: Mark | None


@dataclass(slots=True)
class Journal:
    """Takes records in any order, and writes them in time order; `when` is seconds since the day began."""

    start: datetime
    """When the day begins, UTC."""
    seconds: float
    """How long it lasts; what happens outside is not recorded."""
    dns: str
    """DNS name of the domain the Windows hosts are in."""
    mark: Mark | None = None
    """Set while the attacker acts."""
    _sinks: dict[str, list[_Entry]] = field(default_factory=dict[str, list[_Entry]])

    def windows(self, host: str, when: float, shape: tuple[str, int], data: Mapping[str, object]) -> None:
        """Record a Windows event; `shape` is its channel and event id, `data` its named values."""
        self._add(f"windows/{host.lower()}.ndjson", _Entry(when, shape, data, self.mark))

    def zeek(self, path: str, when: float, data: Mapping[str, object]) -> None:
        """Record a line of that Zeek log; `data` lacks only the time."""
        self._add(f"zeek/{path}.log", _Entry(when, (path, 0), data, self.mark))

    @contextmanager
    def marked(self, mark: Mark) -> Generator[None]:
        """Everything recorded meanwhile belongs to that step of the attack."""
        before, self.mark = self.mark, mark
        try:
            yield
        finally:
            self.mark = before

    def write(self, out: Path, rng: Random) -> None:
        """Write `evidence/` and `truth/attack_events.jsonl` under `out`; record numbers start anywhere and rise by channel."""
        truth: list[dict[str, str | int]] = []
        for name in sorted(self._sinks):
            entries = sorted(self._sinks[name], key=lambda entry: round(entry.when * 1000))
            path = out / "evidence" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            encode = self._windows_lines if name.startswith("windows/") else self._zeek_lines
            path.write_bytes(b"".join(encode(path.stem, entries, rng)))
            truth += [
                {
                    "file": name,
                    "row": row,
                    "time": windows.iso(self.start, entry.when),
                    "step": entry.mark.step,
                    "technique": entry.mark.technique,
                    "host": entry.mark.host,
                }
                for row, entry in enumerate(entries)
                if entry.mark
            ]
        (out / "truth").mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(line, ensure_ascii=False) + "\n" for line in sorted(truth, key=lambda line: str(line["time"]))]
        (out / "truth" / "attack_events.jsonl").write_text("".join(lines), "utf-8")

    def _add(self, name: str, entry: _Entry) -> None:
        if 0 <= entry.when < self.seconds:
            self._sinks.setdefault(name, []).append(entry)

    def _windows_lines(self, host: str, entries: list[_Entry], rng: Random) -> Iterator[bytes]:
        fqdn = f"{host.upper()}.{self.dns}"
        numbers = {channel: rng.randrange(20_000, 900_000) for channel in windows.CHANNELS}
        encode = msgspec.json.encode
        for entry in entries:
            channel = entry.shape[0]
            numbers[channel] += 1
            yield encode(windows.record(fqdn, entry.shape, windows.moment(self.start, entry.when), numbers[channel], entry.data)) + b"\n"

    def _zeek_lines(self, _path: str, entries: list[_Entry], _rng: Random) -> Iterator[bytes]:
        epoch = self.start.timestamp()
        encode = msgspec.json.encode
        for entry in entries:
            yield encode({"_path": entry.shape[0], "ts": round(epoch + entry.when, 6), **entry.data, "synthetic": True}) + b"\n"

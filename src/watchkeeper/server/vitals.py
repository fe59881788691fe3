"""Vitals on disk: `<state>/run/<process>.json`, written once a second, read by the metrics and the check-up. Owns the files alone."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Lock, Thread
from typing import NamedTuple

from watchkeeper.model.vitals import MOST_SENDERS, Figure, Heard, Phase, Vitals
from watchkeeper.server.measures import checked

FOLDER = "run"
"""Folder of these files inside the state folder."""
STALE = timedelta(seconds=15)
"""Who has not written for so long hangs or died."""
_MOST_BYTES = 4 << 20
_MOST_FILES = 256


class Pulse:
    """What this process measures of itself; every method may be called from any thread."""

    def __init__(self, state: Path, process: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Take the state folder and the name of the process, such as `worker-0`; nothing is written yet.

        Raises:
            ValueError: the name has other characters than lower-case letters, digits and hyphens.
        """
        now = clock()
        self._now = Vitals(process=process, pid=os.getpid(), started=now, written=now, phase="starting")
        self._path = state / FOLDER / f"{process}.json"
        self._clock = clock
        self._figures: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}
        self._heard: dict[str, Heard] = {}
        self._heard_more = 0
        self._lock = Lock()
        self.failed = ""
        """Why the last writing failed; empty if it did not. A full disk must not stop the process that says so."""

    def add(self, name: str, amount: float = 1, **labels: str) -> None:
        """Add to a counter.

        Raises:
            ValueError: it is not measured, or not with these labels.
        """
        checked(name, labels)
        key = (name, tuple(sorted(labels.items())))
        with self._lock:
            self._figures[key] = self._figures.get(key, 0) + amount

    def set(self, name: str, value: float, **labels: str) -> None:
        """Say what a gauge is now, or what a counter that is kept elsewhere has come to.

        Raises:
            ValueError: it is not measured, or not with these labels.
        """
        checked(name, labels)
        with self._lock:
            self._figures[name, tuple(sorted(labels.items()))] = value

    def heard(self, sender: str, events: int) -> None:
        """Note that so many more events came from the sender of an id."""
        with self._lock:
            before = self._heard.pop(sender, None)
            self._heard[sender] = Heard(sender=sender, events=events + (before.events if before else 0), last=self._clock())
            if len(self._heard) > MOST_SENDERS:
                del self._heard[next(iter(self._heard))]
                self._heard_more += 1

    def phase(self, phase: Phase, hindered: str = "") -> None:
        """Say how far the process is, and what stands in its way; empty if nothing does."""
        with self._lock:
            self._now = self._now.model_copy(update={"phase": phase, "hindered": hindered})

    def vitals(self) -> Vitals:
        """Give what would be written now."""
        with self._lock:
            figures = tuple(Figure(name=name, labels=dict(labels), value=value) for (name, labels), value in self._figures.items())
            heard = tuple(reversed(self._heard.values()))
            update = {"written": self._clock(), "figures": figures, "heard": heard, "heard_more": self._heard_more}
            return self._now.model_copy(update=update)

    def write(self) -> None:
        """Write the file as a whole, so that nobody ever reads half of one; a failure is kept in `failed`."""
        body = self.vitals().model_dump_json()
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            half = self._path.with_suffix(".part")
            half.write_text(body, "utf-8")
            half.replace(self._path)
        except OSError as error:
            self.failed = str(error)
        else:
            self.failed = ""

    @contextmanager
    def beating(self, seconds: float = 1.0) -> Generator["Pulse"]:
        """Write every second in a thread of its own until the block ends; then say that the process stopped, and what failed if it did."""
        over = Event()

        def beat() -> None:
            while not over.wait(seconds):
                self.write()

        self.write()
        thread = Thread(target=beat, name="vitals", daemon=True)
        thread.start()
        why = ""
        try:
            yield self
        except Exception as error:
            why = f"{type(error).__name__}: {error}"
            raise
        finally:
            over.set()
            thread.join()
            self.phase("stopped", why)
            self.write()


class Read(NamedTuple):
    """What the files said."""

    vitals: tuple[Vitals, ...]
    """By name of the process."""
    unreadable: tuple[str, ...]
    """Names of files that are no vitals."""


def read_vitals(state: Path) -> Read:
    """Read what every process last said of itself; no folder, nothing said."""
    found: list[Vitals] = []
    unreadable: list[str] = []
    folder = state / FOLDER
    for path in sorted(folder.glob("*.json"))[:_MOST_FILES] if folder.is_dir() else ():
        try:
            with path.open("rb") as file:
                found.append(Vitals.model_validate_json(file.read(_MOST_BYTES)))
        except (OSError, ValueError):
            unreadable.append(path.name)
    return Read(tuple(found), tuple(unreadable))


def is_alive(vitals: Vitals, now: datetime) -> bool:
    """Say whether a process wrote lately and did not say that it stopped."""
    return vitals.phase != "stopped" and now - vitals.written < STALE


def total(vitals: tuple[Vitals, ...], name: str, **labels: str) -> float | None:
    """Add up a figure over processes and over the labels that are not asked for; none if nobody measured it.

    Raises:
        ValueError: there is no such measure, label or value.
    """
    every = [figure for one in vitals for figure in one.figures if figure.name == name and labels.items() <= figure.labels.items()]
    return sum(figure.value for figure in every) if every else None

"""Lists of indicators that others fetch: a file each in the state folder. Owns what is on them and the text; STIX is beside it.

A file is replaced whole, so that a reader sees it before or after a change; who writes has the list to itself meanwhile.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Generator, Iterable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from watchkeeper.model.listed import Listed, ListedKind

FOLDER = "lists"
"""Name of their folder in the state folder."""
MOST_ENTRIES = 200_000
"""Values of one list, those that left it lately included."""
KEPT = timedelta(days=30)
"""So long it is told that a value left a list."""
Entries = tuple[Listed, ...]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class IndicatorList:
    """One list."""

    folder: Path
    """Where the lists are."""
    name: str
    """Of this one; letters, digits and dashes."""
    clock: Callable[[], datetime] = _now
    """The time, UTC."""

    @property
    def path(self) -> Path:
        """Its file: a value a line, as JSON."""
        return self.folder / f"{self.name}.jsonl"

    def entries(self) -> Entries:
        """Give everything on it, and what left it lately, in the order it was added.

        Raises:
            OSError: it cannot be read.
            ValueError: the file is damaged; nothing of it is used, for half a list would let through what is on the other half.
        """
        try:
            about = self.path.stat()
        except FileNotFoundError:
            return ()
        return _read(self.path, about.st_mtime_ns, about.st_ino)

    def add(self, new: Iterable[tuple[ListedKind, str]], key: str, expires: datetime | None) -> int:
        """Put values on it for an action and give how many were not there; what the same action put there already stays as it is.

        Raises:
            OSError: it cannot be read or written; nothing was changed.
            ValueError: it would be too long, or the file is damaged.
        """
        with self._alone() as now:
            held = {_same(one): one for one in self.entries() if _is_worth(one, now)}
            made = [Listed(kind=kind, value=value, key=key, added=now, expires=expires) for kind, value in dict.fromkeys(new)]
            fresh = {_same(one): one for one in made if not (_same(one) in held and held[_same(one)].is_on(now))}
            if len(held | fresh) > MOST_ENTRIES:
                raise ValueError(
                    f"the list {self.name!r} would have more than {MOST_ENTRIES:,} values; take some off it, or use another list"
                )
            if fresh:
                self._write((held | fresh).values())
        return len(fresh)

    def remove(self, key: str) -> int:
        """Take off it what an action put there, and give how many values that were; what another action put there stays.

        Raises:
            OSError: it cannot be read or written; nothing was changed.
            ValueError: the file is damaged.
        """
        with self._alone() as now:
            held = [one for one in self.entries() if _is_worth(one, now)]
            gone = sum(one.key == key and one.is_on(now) for one in held)
            if gone:
                self._write(one.model_copy(update={"removed": now}) if one.key == key and one.is_on(now) else one for one in held)
        return gone

    @contextmanager
    def _alone(self) -> Generator[datetime]:
        """Have the list to oneself, and give the time: who comes later has a later one, so that what is new is always behind what was."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / f"{self.name}.lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield self.clock()

    def _write(self, entries: Iterable[Listed]) -> None:
        """Replace the file whole; a copy that could not be finished is removed."""
        with ExitStack() as unless_done:
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                unless_done.callback(Path(file.name).unlink, missing_ok=True)
                file.writelines(one.model_dump_json().encode() + b"\n" for one in entries)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(self.path)


def text(entries: Iterable[Listed], now: datetime) -> str:
    """Give what is on a list now, one value a line, each once."""
    return "".join(f"{value}\n" for value in dict.fromkeys(one.value for one in entries if one.is_on(now)))


def _same(one: Listed) -> tuple[str, str, str]:
    return one.kind, one.value, one.key


def _is_worth(one: Listed, now: datetime) -> bool:
    left = one.left()
    return left is None or left > now - KEPT


@lru_cache(maxsize=16)
def _read(path: Path, written: int, number: int) -> Entries:
    """Read a file once for each time it was written, which its time and its number on disk tell apart."""
    del written, number
    with path.open("rb") as file:
        try:
            return tuple(Listed.model_validate_json(line) for line in file)
        except ValidationError as error:
            raise ValueError(
                f"the list {path.name!r} is damaged; put a copy in its place, or remove it and add its values again"
            ) from error

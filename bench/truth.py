"""What attackers really did in the recorded sets, as people wrote it down from console and raw events (`bench/truth/`), and its check.

A file is one recorded attack; every command of its console is there, with the events that record it or why there are none. The check
reads the sets and says whether each cited row exists and is of the kind that is said. The product never reads these files.

    make bench-truth
    python bench/truth.py [--data DATA] [--json OUT]
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Literal, Self

import yaml
from pydantic import Field, model_validator

from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch
from watchkeeper.model.noun import Noun

FOLDER = Path(__file__).with_name("truth") / "otrf"
DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
Record = Mapping[str, object]


class Cited(Noun):
    """One event that records a command."""

    file: str
    """Name of the member file, without archive and folders."""
    row: int = Field(ge=0)
    """Number of its record in that file, from 0."""
    what: str
    """Kind of event first, as `sysmon 1` or `zeek conn`, then what it shows."""


class Step(Noun):
    """One command of the attacker's console."""

    command: str
    """As typed, shortened to what matters."""
    means: str = ""
    """What it did, one line."""
    events: tuple[Cited, ...] = ()
    """The most direct events that record it."""
    not_logged: str = ""
    """Why no event records it."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.events) == bool(self.not_logged):
            raise ValueError(f"{self.command!r} needs either `events` or `not_logged`")
        return self


class Lateral(Noun):
    """A move from one host to another."""

    from_: str = Field(alias="from")
    """Host that acts."""
    to: str
    """Host that is acted on."""
    step: int
    """Number of the step that does it."""


class Told(Noun):
    """An incident that the logs of a set show, where there is no console."""

    day: date
    """Day of its events, UTC."""
    hosts: tuple[str, ...]
    """Hosts it is about."""
    attackers: tuple[str, ...]
    """Addresses it came from."""
    story: str
    """What happened, one line."""
    sources: tuple[str, ...]
    """Archives that record it."""


class Truth(Noun):
    """What happened in one recorded set."""

    set: str
    """The evidence, under `otrf/`."""
    console: str = ""
    """The metadata with the attacker's console, under `otrf/`."""
    techniques: tuple[str, ...]
    """The labelled ones."""
    hosts: tuple[str, ...]
    """Hosts that the attacker acted on."""
    entry: int | Literal["before"] = "before"
    """Number of the earliest logged step; `before` if the foothold was there before the record began."""
    entry_why: str = ""
    """One line."""
    lateral: tuple[Lateral, ...] = ()
    """Moves between hosts that the console shows."""
    why: str = ""
    """Why there are no steps."""
    steps: tuple[Step, ...]
    """Every console command, in order."""
    incidents: tuple[Told, ...] = ()
    """What the logs show where there is no console."""

    @property
    def name(self) -> str:
        """Short name of the set."""
        return PurePosixPath(self.set).stem

    @property
    def logged(self) -> tuple[Step, ...]:
        """The steps that some event records."""
        return tuple(step for step in self.steps if step.events)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if bool(self.steps) == bool(self.why):
            raise ValueError(f"{self.set!r} needs either `steps` or `why`")
        if isinstance(self.entry, int) and not (self.entry < len(self.steps) and self.steps[self.entry].events):
            raise ValueError(f"{self.set!r} enters at step {self.entry}, which is not logged")
        if isinstance(self.entry, int) and any(step.events for step in self.steps[: self.entry]):
            raise ValueError(f"{self.set!r} enters at step {self.entry}, but an earlier one is logged")
        if any(move.step >= len(self.steps) for move in self.lateral):
            raise ValueError(f"{self.set!r} moves between hosts at a step that it lacks")
        return self


def truths(folder: Path = FOLDER) -> tuple[Truth, ...]:
    """Read every file.

    Raises:
        ValueError: a file is not of the shape; the message names it.
    """
    return tuple(_read(path) for path in sorted(folder.glob("*.yml")))


def _read(path: Path) -> Truth:
    try:
        return Truth.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValueError as e:
        raise ValueError(f"{path.name}: {e}") from e


def member(source: str) -> str:
    """Give the name of the file that a record came from, without archive and folders."""
    return source.replace("!", "/").rpartition("/")[2]


def records(evidence: Path, wanted: set[tuple[str, int]]) -> dict[tuple[str, int], Record]:
    """Read a set as the product does, and keep the wanted records by file and row."""
    found: dict[tuple[str, int], Record] = {}
    for item in read([evidence]):
        if isinstance(item, Batch):
            places = zip(item.table.column("_source").to_pylist(), item.table.column("_row").to_pylist(), strict=True)
            hits = {at: (member(source), row) for at, (source, row) in enumerate(places) if (member(source), row) in wanted}
            found |= {hits[at]: fields for at, fields in enumerate(item.rows()) if at in hits} if hits else {}
    return found


def fits(cited: Cited, record: Record) -> bool:
    """Say whether a record is of the kind that is said."""
    family, kind, *_ = cited.what.split()
    if family == "zeek":
        return PurePosixPath(cited.file).stem == kind
    if family == "auditd":
        return str(record.get("type", "")).lower() == kind.lower()
    return family in str(record.get("Channel", "")).lower() and str(record.get("EventID")) == kind


def problems(truth: Truth, data: Path = DATA) -> Iterator[str]:
    """Give what is wrong with the events that a file cites."""
    cited = [event for step in truth.steps for event in step.events]
    found = records(data / "otrf" / truth.set, {(event.file, event.row) for event in cited}) if cited else {}
    for event in cited:
        record = found.get((event.file, event.row))
        if record is None:
            yield f"{truth.name}: {event.file!r} has no row {event.row}"
        elif not fits(event, record):
            kind = record.get("Channel"), record.get("EventID")
            yield f"{truth.name}: row {event.row} of {event.file!r} is not {event.what!r} but {kind!r}"


def counts(told: Sequence[Truth]) -> dict[str, int]:
    """Count what is written down."""
    steps = [step for truth in told for step in truth.steps]
    logged = [step for step in steps if step.events]
    return {
        "sets": len(told),
        "with_steps": sum(bool(truth.steps) for truth in told),
        "with_logged_steps": sum(bool(truth.logged) for truth in told),
        "with_lateral": sum(bool(truth.lateral) for truth in told),
        "entry_before": sum(truth.entry == "before" for truth in told if truth.logged),
        "commands": len(steps),
        "logged": len(logged),
        "not_logged": len(steps) - len(logged),
        "events": sum(len(step.events) for step in logged),
    }


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=DATA)
    options.add_argument("--json", type=Path)
    chosen = options.parse_args()
    told, wrong = truths(), list[str]()
    for truth in told:
        found = list(problems(truth, chosen.data))
        wrong += found
        print(f"{truth.name:60} {len(truth.steps):3} commands, {len(truth.logged):3} logged", "" if not found else "WRONG", flush=True)
    print("\n".join([*wrong, json.dumps(counts(told))]))
    if chosen.json:
        chosen.json.write_text(json.dumps({"counts": counts(told), "wrong": wrong}, indent=1), "utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

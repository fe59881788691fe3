"""Explaining rules on events: which rule and which event a person means. Owns that search; the walk is `detection.explanation`'s."""

import difflib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, cast

from watchkeeper.autopilot.choice import Choice
from watchkeeper.content import folder
from watchkeeper.detection import Rule
from watchkeeper.detection.explanation import Explainer, Explanation
from watchkeeper.detection.logsources import LogSources
from watchkeeper.detection.sigma.condition import Condition
from watchkeeper.detection.sigma.selections import selections
from watchkeeper.ingest import read
from watchkeeper.lake import Kept
from watchkeeper.model.batch import Value
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query
from watchkeeper.model.sourceread import SourceRead

_SHORTEST_ID = 6
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Met:
    """One event, wherever it was found."""

    id: str
    time: datetime | None
    host: str
    file: str
    """File it was read from."""
    row: int
    """0-based record in that file."""
    source: LogSource
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Explained:
    """What a rule says of the event it says most of."""

    explanation: Explanation
    event: Met
    events: int
    """Events it was chosen from."""
    unnamed: str
    """Why selections are shown without their names; empty if they are not."""


def meant(name: str, choice: Choice) -> tuple[Rule, ...]:
    """Find the rules of a file, or the one rule of that id, name or title among the given and our own.

    Raises:
        OSError: a given path may not be read.
        ValueError: there is no such rule, or more than one.
    """
    path = Path(name)
    if path.is_file():
        loaded = choice.load([path])
        if not loaded.rules:
            raise ValueError(f"no rule in {name!r} can run: {'; '.join(loaded.problems[:_MOST_NAMED]) or 'it holds none'}")
        return loaded.rules
    loaded = choice.load((folder("rules"), *choice.paths))
    wanted = name.casefold()
    found = [rule for rule in loaded.rules if wanted in {rule.id.casefold(), rule.name.casefold(), rule.title.casefold()}]
    if not found and len(wanted) >= _SHORTEST_ID:
        found = [rule for rule in loaded.rules if rule.id.casefold().startswith(wanted)]
    if len(found) == 1:
        return tuple(found)
    if found:
        raise ValueError(f"{len(found)} rules are called {name!r}: {', '.join(rule.id for rule in found[:_MOST_NAMED])}; give an id")
    for one in loaded.correlations:
        if wanted in {one.id.casefold(), one.title.casefold()}:
            counted = ", ".join(counted.rule for counted in one.counted)
            raise ValueError(f"{name!r} is a correlation over many events; explain a rule that it counts: {counted}")
    near = difflib.get_close_matches(wanted, [rule.title.casefold() for rule in loaded.rules], n=1)
    hint = f"did you mean {near[0]!r}?" if near else "--rules says where to look"
    raise ValueError(f"no rule has the id, name or title {name!r}; {hint}")


def kept_event(case: Path, event: str) -> Met:
    """Find an event that a case keeps.

    Raises:
        ValueError: it keeps no such event.
    """
    with closing(Kept(case / "events")) as kept:
        found = next(kept.search(Query(ids=(event.lower(),), limit=1)), None)
    if found is None:
        raise ValueError(
            f"the case in {str(case)!r} keeps no event {event!r}; ids are in signals.parquet, and --keep all keeps every event"
        )
    fields = {name: value if isinstance(value, str) else list(value) for name, value in found.fields.items()}
    return Met(found.id, found.time, found.host, found.source, found.row, found.logsource, fields)


def read_events(path: Path, row: int | None, own: tuple[Path, ...] = ()) -> Iterator[Met]:
    """Yield the events of a file, or those of one row; `own` are a person's own sources.

    Raises:
        OSError: the file cannot be read.
        ValueError: there is no such event in it, or a source cannot be used.
    """
    met, said = 0, list[str]()
    for item in read([path], own=own):
        if isinstance(item, SourceRead):
            said += [*item.skipped, *([item.error] if item.error else [])]
            continue
        reserved = item.table.select(["_id", "_time", "_host", "_source", "_row"]).to_pylist()
        for place, fields in zip(cast("list[dict[str, object]]", reserved), item.rows(), strict=True):
            met += 1
            if row is None or place["_row"] == row:
                yield Met(
                    str(place["_id"]),
                    cast("datetime | None", place["_time"]),
                    str(place["_host"]),
                    str(place["_source"]),
                    cast("int", place["_row"]),
                    item.logsource,
                    fields,
                )
    if not met:
        raise ValueError(f"no event in {path.name!r}: {'; '.join(dict.fromkeys(said)) or 'it is empty'}")


def piped_events(stream: IO[bytes], row: int | None, own: tuple[Path, ...] = ()) -> Iterator[Met]:
    """Yield the events of a stream, or those of one row; `own` are a person's own sources.

    Raises:
        ValueError: there is no such event in it, or a source cannot be used.
    """
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "standard-input"
        with path.open("wb") as file:
            shutil.copyfileobj(stream, file)
        yield from read_events(path, row, own)


def explained(rules: Sequence[Rule], events: Iterator[Met], sources: LogSources | None = None) -> tuple[Explained, ...]:
    """Explain each rule on the event it says most of: the first it fires on, else the first it reads, else the first of all.

    Raises:
        ValueError: there is no event.
    """
    explainer = Explainer(sources)
    named = [_names(rule) for rule in rules]
    chosen: list[tuple[Explanation, Met] | None] = [None] * len(rules)
    count = 0
    for event in events:
        count += 1
        for place, (rule, (names, _)) in enumerate(zip(rules, named, strict=True)):
            known = chosen[place]
            if known is None or not known[0].fires:
                now = explainer.explain(rule, event.source, event.fields, names)
                if known is None or (now.fires, bool(now.ways)) > (known[0].fires, bool(known[0].ways)):
                    chosen[place] = now, event
    done = tuple(
        Explained(found[0], found[1], count, unnamed) for found, (_, unnamed) in zip(chosen, named, strict=True) if found is not None
    )
    if not done:
        raise ValueError("no such event: the file has fewer records; rows count from 0")
    return done


def _names(rule: Rule) -> tuple[dict[Condition, str], str]:
    try:
        return selections(rule), ""
    except (OSError, ValueError) as error:
        return {}, str(error)

"""Backwards: what is known now, looked up in what cases observed. Owns which values are asked for and what a match says.

A case keeps what all its events named, whether or not it keeps the events. A case made before it did has that made of its kept events,
once, in the case's own folder.
"""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

from watchkeeper.detection.intel.known import Known, Verdict
from watchkeeper.detection.intel.lookup import make_lookup
from watchkeeper.detection.intel.observing import Observer
from watchkeeper.detection.intel.values import network
from watchkeeper.lake import MOST_VALUES, OBSERVED, Observed, ObservedWriter, batches

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
_WANTED = pa.schema([pa.field("kind", pa.string()), pa.field("value", pa.string())])


@dataclass(frozen=True, slots=True)
class Match:
    """A value that was observed and that an indicator knows, in one case."""

    case: str
    """Folder of the case."""
    kind: str
    value: str
    """As it was observed."""
    indicator: dict[str, Any]
    """The surest indicator, a row of `INDICATOR_SCHEMA`."""
    others: tuple[dict[str, Any], ...]
    """Further indicators that know the value, in the same shape."""
    since: datetime | None
    """Time of the first event that named it; none if no such event has a time."""
    last: datetime | None
    count: int
    """How often fields named it."""
    hosts: tuple[str, ...]
    """Hosts whose events named it."""
    event_id: str
    """One of the first events."""
    source: str
    """File that it was read from."""
    row: int
    """0-based record in that file."""


@dataclass(frozen=True, slots=True)
class LookedBack:
    """What looking back gave."""

    matches: tuple[Match, ...]
    """In the order of their first events."""
    suppressed: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """How many values were observed that an indicator has and do not count, by the list and the reason."""
    made: tuple[str, ...] = ()
    """Cases whose observed values were made of their kept events."""
    cut: bool = False
    """There were more values than one search gives; those left out were not looked at."""


def chosen(known: Known, source: str = "", since: datetime | None = None) -> Known:
    """Give the same with indicators of one source alone, or of those first imported since a time."""
    table = known.lookup.indicators
    if source:
        table = table.filter(pc.equal(table.column("source"), source))
    if since:
        table = table.filter(pc.greater_equal(table.column("first_seen"), pa.scalar(since, pa.timestamp("us", tz="UTC"))))
    return known if table.num_rows == known.lookup.indicators.num_rows else Known(make_lookup(table), known.allow, known.own)


def look_back(cases: Sequence[Path], known: Known) -> LookedBack:
    """Match indicators with everything that cases observed.

    Raises:
        OSError: a folder is no case.
        ValueError: what a case observed is damaged.
    """
    made = [str(case) for case in cases if _made(case)]
    with closing(Observed([case / OBSERVED for case in cases])) as observed:
        named = observed.named(_wanted(known), _networks(known))
        verdicts = _verdicts(known, named)
        asked = pa.Table.from_pylist([{"kind": kind, "value": value} for kind, value in verdicts], schema=_WANTED)
        sightings = observed.sightings(asked)
    suppressed = Counter[tuple[str, str]]()
    for verdict in verdicts.values():
        suppressed.update({(one.because.list_name, one.reason) for one in verdict.suppressed})
    return LookedBack(tuple(_matches(known, verdicts, sightings)), suppressed, tuple(made), named.num_rows >= MOST_VALUES)


def _made(case: Path) -> bool:
    """Make what an older case observed of the events that it keeps."""
    if (case / OBSERVED).is_dir():
        return False
    if not (case / "events").is_dir():
        raise FileNotFoundError(f"{str(case)!r} is no case: it has no events; `watchkeeper investigate --out DIR` makes one")
    observer = Observer()
    tables: list[pa.Table] = []
    for batch in batches(case / "events"):
        observer.take(batch)
        if observer.is_full:
            tables.append(observer.taken_out())
    writer = ObservedWriter(case / OBSERVED)
    for table in (*tables, observer.taken_out()):
        writer.add(table)
    return True


def _wanted(known: Known) -> pa.Table:
    live = known.lookup.indicators.filter(pc.invert(known.lookup.indicators.column("revoked")))
    return live.select(["kind", "value"])


def _networks(known: Known) -> pa.Table:
    """Give the pieces of IPv4's numbers, and whether a network is over each."""
    table = known.lookup.indicators
    texts = cast("list[str]", table.filter(pc.equal(table.column("kind"), "network")).column("value").to_pylist())
    parsed = [one for text in texts if isinstance(one := network(text), IPv4Network)]
    parsed.sort(key=lambda one: (int(one.network_address), one.prefixlen))  # those around others come before them
    pieces: dict[int, bool] = {0: False}
    end = -1
    for one in parsed:
        first, last = int(one.network_address), int(one.broadcast_address)
        if last > end:
            pieces[first] = True
            pieces[last + 1] = False
            end = last
    starts = sorted(pieces)
    return pa.table({"start": pa.array(starts, pa.int64()), "inside": pa.array([pieces[start] for start in starts], pa.bool_())})


def _verdicts(known: Known, named: pa.Table) -> dict[tuple[str, str], Verdict]:
    kinds, values = (cast("list[str]", named.column(name).to_pylist()) for name in ("kind", "value"))
    pairs = list(zip(kinds, values, strict=True))
    return {pair: one for pair, one in zip(pairs, known.verdicts(pairs), strict=True) if one is not None}


def _matches(known: Known, verdicts: dict[tuple[str, str], Verdict], sightings: pa.Table) -> list[Match]:
    found: dict[tuple[str, str, str], Match] = {}
    for row in sightings.to_pylist():
        verdict = verdicts[row["kind"], row["value"]]
        rows = known.at(verdict.rows, row["first"])
        if not rows:
            continue
        key = row["folder"], row["kind"], row["value"]
        before = found.get(key)
        hosts: list[str] = [*(before.hosts if before else ()), *([row["host"]] if row["host"] else [])]
        surest, *others = _once([*((before.indicator, *before.others) if before else ()), *(known.lookup.row(one) for one in rows)])
        found[key] = Match(
            case=str(Path(row["folder"]).parent),
            kind=row["kind"],
            value=row["value"],
            indicator=surest,
            others=tuple(others),
            since=before.since if before else row["first"],
            last=max((time for time in (before and before.last, row["last"]) if time), default=None),
            count=(before.count if before else 0) + row["count"],
            hosts=tuple(hosts),
            event_id=before.event_id if before else row["event_id"],
            source=before.source if before else row["source"],
            row=before.row if before else row["row"],
        )
    return list(found.values())


def _once(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({row["id"]: row for row in reversed(rows)}.values())[::-1]

"""What a hunt gave, told: its status, findings alike together, and what speaks for or against them. Owns no counting and no words."""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import pyarrow as pa

from watchkeeper.detection.hunting.coverage import Covered
from watchkeeper.detection.hunting.stacks import Pile, Stack
from watchkeeper.model.hunt import Check, Checked, Finding, Hunt, HuntResult, Status

BESIDE = timedelta(hours=1)
"""What speaks for or against a finding lies within this time of it, on the same host."""
MOST_FINDINGS, MOST_NAMED, MOST_STACKED = 20, 20, 20
_MOST_EVENTS = 5


@dataclass(frozen=True, slots=True)
class Looked:
    """What a check's rules found."""

    able: frozenset[str]
    """Hosts whose events could show it."""
    signals: pa.Table
    """As in `SIGNAL_SCHEMA`."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that is known of a hunt when all events were seen."""

    hunt: Hunt
    covered: Covered
    signals: pa.Table
    """A row (`SIGNAL_SCHEMA`) a finding."""
    what: Sequence[str]
    """What each of them is."""
    piles: Mapping[str, Pile]
    """The values that stand out, by what is said of them; empty where nothing is stacked."""
    stack: Stack | None
    until: datetime | None
    too_little: bool
    left_out: int
    looked: Mapping[str, Looked]
    """What was found, by the name of a check's rule."""


def tell(gathered: Gathered) -> HuntResult:
    """Give the result of a hunt."""
    covered, stack = gathered.covered, gathered.stack
    return HuntResult(
        hunt=gathered.hunt,
        status=_status(gathered),
        found=gathered.signals.num_rows,
        findings=_findings(gathered)[:MOST_FINDINGS],
        answering=tuple(host for host in covered.able if host)[:MOST_NAMED],
        answering_count=len(covered.able),
        lacking=_lacking(gathered)[:MOST_NAMED],
        lacking_count=len(_lacking(gathered)),
        missing=covered.missing,
        stacked=stack.events if stack else 0,
        values=stack.values if stack else 0,
        stack=stack.least(MOST_STACKED) if stack else (),
        until=gathered.until,
        checks=tuple(_checks(gathered)) if gathered.signals.num_rows else (),
        left_out=gathered.left_out,
    )


def _status(gathered: Gathered) -> Status:
    if gathered.signals.num_rows:
        return "found"
    if not gathered.covered.able:
        return "unanswerable"
    if gathered.too_little:
        return "too-little"
    return "partly" if _lacking(gathered) else "nothing"


def _lacking(gathered: Gathered) -> tuple[str, ...]:
    return () if gathered.hunt.anywhere and gathered.covered.able else gathered.covered.lacking


@dataclass(slots=True)
class _Alike:
    hosts: dict[str, None] = field(default_factory=dict[str, None])
    users: dict[str, None] = field(default_factory=dict[str, None])
    count: int = 0
    times: list[datetime] = field(default_factory=list[datetime])
    events: list[str] = field(default_factory=list[str])


def _findings(gathered: Gathered) -> tuple[Finding, ...]:
    """Give findings alike together: of one rule on one host, or of one value; what is seen least comes first."""
    alike: dict[tuple[str, str], _Alike] = {}
    for what, row in zip(gathered.what, _rows(gathered.signals, "event_id", "host", "user", "time"), strict=True):
        one = alike.setdefault((what, "" if gathered.stack else row["host"]), _Alike())
        one.hosts |= {row["host"]: None} if row["host"] else {}
        one.users |= {row["user"]: None} if row["user"] else {}
        one.count += 1
        one.times += [row["time"]] if row["time"] else []
        one.events.append(row["event_id"])
    found = [_finding(what, one, gathered.piles.get(what)) for (what, _), one in alike.items()]
    return tuple(found) if gathered.stack else tuple(sorted(found, key=lambda one: one.count))


def _finding(what: str, one: _Alike, pile: Pile | None) -> Finding:
    """Give a finding; of a value more is known than by the few events that are kept of it."""
    return Finding(
        what=what,
        hosts=tuple(sorted(pile.hosts - {""}) if pile else one.hosts)[:_MOST_EVENTS],
        users=tuple(one.users)[:_MOST_EVENTS],
        count=pile.count if pile else one.count,
        first=pile.first if pile else min(one.times, default=None),
        last=pile.last if pile else max(one.times, default=None),
        events=tuple(one.events[:_MOST_EVENTS]),
    )


def _checks(gathered: Gathered) -> Iterator[Checked]:
    sides: tuple[tuple[Literal["for", "against"], tuple[Check, ...]], ...] = (
        ("for", gathered.hunt.confirms),
        ("against", gathered.hunt.refutes),
    )
    found = _times(gathered.signals)
    for speaks, checks in sides:
        for check in checks:
            looked = gathered.looked.get(check.rule)
            if looked is None:
                yield Checked(check=check, speaks=speaks, seen="by-person")
            elif not looked.able.intersection(found):
                yield Checked(check=check, speaks=speaks, seen="no-data")
            else:
                events = _beside(found, looked.signals)
                yield Checked(check=check, speaks=speaks, seen="seen" if events else "not-seen", events=events[:_MOST_EVENTS])


def _times(signals: pa.Table) -> dict[str, list[datetime]]:
    """Give the times of findings by host, sorted."""
    found: dict[str, list[datetime]] = {}
    for row in _rows(signals, "host", "time"):
        if row["time"]:
            found.setdefault(row["host"], []).append(row["time"])
    return {host: sorted(times) for host, times in found.items()}


def _beside(found: Mapping[str, list[datetime]], signals: pa.Table) -> tuple[str, ...]:
    """Give the events that are near in time to a finding on their host."""
    near = (row["event_id"] for row in _rows(signals, "event_id", "host", "time") if row["time"] and _is_near(found, row))
    return tuple(dict.fromkeys(near))


def _is_near(found: Mapping[str, list[datetime]], row: Mapping[str, Any]) -> bool:
    times = found.get(row["host"], [])
    place = bisect_left(times, row["time"] - BESIDE)
    return place < len(times) and times[place] <= row["time"] + BESIDE


def _rows(table: pa.Table, *names: str) -> list[dict[str, Any]]:
    return table.select(list(names)).to_pylist()

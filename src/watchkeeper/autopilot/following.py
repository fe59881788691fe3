"""Following: what is looked out for because of open incidents, and what of it a record names anew. Owns which counts, and the account.

What is followed becomes indicators and is matched by the engine of intelligence, in new telemetry and in what cases observed.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple, cast

import pyarrow as pa
import pyarrow.compute

from watchkeeper.correlation import latest
from watchkeeper.detection.intel.allow import NO_LISTS, AllowLists
from watchkeeper.detection.intel.canon import indicator_id
from watchkeeper.detection.intel.known import Known, Owned, is_special
from watchkeeper.detection.intel.lookup import make_lookup
from watchkeeper.lake import OBSERVED, Observed
from watchkeeper.model.edit import Edit, Merge
from watchkeeper.model.entity import Entity
from watchkeeper.model.indicator import INDICATOR_SCHEMA
from watchkeeper.model.level import LEVELS, Level
from watchkeeper.model.note import Note
from watchkeeper.model.signal import FOLLOWING, SIGNAL_SCHEMA
from watchkeeper.model.verdict import HARMLESS
from watchkeeper.model.watch import Watch, WatchItem
from watchkeeper.reporting.sentences import say
from watchkeeper.store import Place, Store, open_store

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
MOST_FOLLOWED = 5_000
"""Different things; those that are followed longest go first when there are more."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What is followed when a run begins."""

    by_rule: Mapping[str, tuple[Watch, ...]] = field(default_factory=dict[str, tuple[Watch, ...]])
    """By the rule of its signals: everything that asks for one value, the oldest first."""
    beyond: int = 0
    """How many things are not followed because there are too many."""

    def known(self, allow: AllowLists = NO_LISTS, own: Owned | None = None) -> Known:
        """Give it as indicators; what is allow-listed or the organisation's own meanwhile does not match."""
        rows = [_indicator(watches) for watches in self.by_rule.values()]
        return Known(make_lookup(pa.Table.from_pylist(rows, schema=INDICATOR_SCHEMA)), allow, own or Owned(), follows=True)


class Again(NamedTuple):
    """What of an attacker's a record names anew."""

    signals: pa.Table
    """Every signal but those on what was known already (`SIGNAL_SCHEMA`)."""
    by_rule: Mapping[str, tuple[Watch, ...]]
    """What is behind the rules of those that stay."""
    known: int
    """How many signals were on what the incidents' own cases had read."""


def followed(state: Place | None, now: datetime | None = None) -> Followed:
    """Give what is followed; nothing without a state folder.

    Raises:
        OSError: the state database cannot be made or read.
    """
    if state is None:
        return Followed()
    with closing(open_store(state)) as store:
        return followed_of(store.watches(), store, now or datetime.now(UTC))


def followed_of(watches: Iterable[Watch], store: Store, now: datetime) -> Followed:
    """Give which of the watches count now: not taken off, not expired, and of incidents that are open."""
    shut = closed(store)
    merged = _merged(store.edits())
    by_rule: defaultdict[str, list[Watch]] = defaultdict(list)
    for watch in sorted(watches, key=lambda one: (one.since, one.id)):
        if watch.ended is None and now < watch.until and merged.get(watch.incident, watch.incident) not in shut:
            by_rule[_rule(watch)].append(watch)
    newest = list(by_rule)[-MOST_FOLLOWED:]
    return Followed({rule: tuple(by_rule[rule]) for rule in newest}, len(by_rule) - len(newest))


def closed(store: Store) -> frozenset[str]:
    """Give the incidents that a person closed or held to be harmless."""
    harmless = {one.subject for one in latest(store.feedback()) if one.about == "incident" and one.verdict in HARMLESS}
    return frozenset(harmless | {incident for incident, said in store.standings().items() if said[-1].state == "closed"})


def again(found: pa.Table, following: Followed, state: Place | None) -> Again:
    """Leave out the signals on what the incidents' own cases had read already: the same evidence read again is nothing new.

    Raises:
        OSError: the state database cannot be read.
        ValueError: what a case observed is damaged.
    """
    mine = pc.equal(found.column("detector"), pa.scalar(FOLLOWING))
    if state is None or not pc.any(mine).as_py():
        return Again(found, {}, 0)
    watched = found.filter(mine)
    with closing(open_store(state)) as store:
        cases = {case.id: case.out for case in store.cases()}
        spans = {case: store.seen(case) for case in {one.case for watches in following.by_rule.values() for one in watches}}
    before = _Before(cases, spans)
    by_rule = {rule: list(following.by_rule.get(rule, ())) for rule in cast("list[str]", watched.column("rule").unique().to_pylist())}
    stays = [any(not before.has(watch, row) for watch in by_rule[row["rule"]]) for row in watched.to_pylist()]
    fresh = watched.filter(pa.array(stays, pa.bool_()))
    signals = pa.concat_tables([SIGNAL_SCHEMA.empty_table(), found.filter(pc.invert(mine)), fresh])
    rules = set(cast("list[str]", fresh.column("rule").unique().to_pylist()))
    new = {rule: tuple(watches) for rule, watches in by_rule.items() if rule in rules}
    return Again(signals, new, watched.num_rows - fresh.num_rows)


class _Before:
    """What the cases of incidents had read: value, host and time."""

    def __init__(self, cases: Mapping[str, Path], spans: Mapping[str, tuple[tuple[datetime, datetime] | None, tuple[str, ...]]]) -> None:
        self._cases = cases
        self._spans = spans
        self._named: dict[tuple[str, str, str], list[tuple[str, datetime | None, datetime | None]]] = {}

    def has(self, watch: Watch, row: Mapping[str, Any]) -> bool:
        """Say whether the watch's own case had read what the signal is on, or an event of the same host at the same time."""
        folder = self._cases.get(watch.case)
        time, host = row["time"], row["host"]
        if folder is not None and (folder / OBSERVED).is_dir():
            return any(
                one == host and (time is None or first is None or last is None or first <= time <= last)
                for kind, value in _matched(watch, row)
                for one, first, last in self._where(folder, kind, value)
            )
        span, hosts = self._spans.get(watch.case, (None, ()))
        return bool(span and (not host or host in hosts) and (time is None or span[0] <= time <= span[1]))

    def _where(self, folder: Path, kind: str, value: str) -> list[tuple[str, datetime | None, datetime | None]]:
        key = str(folder), kind, value
        if key not in self._named:
            asked = pa.table({"kind": [kind], "value": [value]})
            with closing(Observed([folder / OBSERVED])) as observed:
                rows = observed.sightings(asked).to_pylist()
            self._named[key] = [(row["host"], row["first"], row["last"]) for row in rows]
        return self._named[key]


def _matched(watch: Watch, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Give the values of the event that the watch is about: itself, and of a domain those under it."""
    kind, value = watch.entity.kind, watch.entity.value
    under = [one["value"] for one in row["entities"] if one["kind"] == kind == "domain" and one["value"].endswith(f".{value}")]
    return [(kind, value), *((kind, one) for one in under)]


def _merged(edits: Iterable[Edit]) -> dict[str, str]:
    """Give the incident that each merged one is part of."""
    into: dict[str, str] = {}
    for edit in edits:
        if edit.undone is None and isinstance(edit.change, Merge):
            change = edit.change
            into = {one: change.into if home == change.other else home for one, home in into.items()} | {change.other: change.into}
    return into


def known_items(items: Iterable[WatchItem], now: datetime | None = None) -> Known:
    """Give items as indicators, to be looked up in what cases observed."""
    moment = now or datetime.now(UTC)
    rows = [_row(one.entity, one.why, one.level, moment, None, "") for one in items]
    return Known(make_lookup(pa.Table.from_pylist(rows, schema=INDICATOR_SCHEMA)), follows=True)


def _rule(watch: Watch) -> str:
    return f"{FOLLOWING}/{indicator_id(FOLLOWING, watch.entity.kind, watch.entity.value)}"


def _indicator(watches: Sequence[Watch]) -> dict[str, object]:
    """Make the indicator of one value, whatever incidents ask for it."""
    oldest = watches[0]
    more = f" and {len(watches) - 1} more" if len(watches) > 1 else ""
    level = LEVELS[max(LEVELS.index(one.level) for one in watches)]
    about = f"since {oldest.since:%Y-%m-%d} for incident {oldest.incident[:12]}{more}"
    return _row(oldest.entity, oldest.why, level, oldest.since, max(one.until for one in watches), about)


def _row(entity: Entity, why: Note, level: Level, since: datetime, until: datetime | None, about: str) -> dict[str, object]:
    return {
        "id": indicator_id(FOLLOWING, entity.kind, entity.value),
        "kind": entity.kind,
        "value": entity.value,
        "source": FOLLOWING,
        "confidence": 100,
        "level": level,
        "valid_until": until,
        "revoked": False,
        "inside": bool(is_special(entity.kind, entity.value)),
        "tlp": "",
        "labels": [about, say(why, "en")],
        "techniques": [],
        "external_id": "",
        "first_seen": since,
    }

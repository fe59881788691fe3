"""Standings: what became of incidents after they were found: re-opened by what was seen again, closed by people. Owns the words for it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

from watchkeeper.autopilot.edits import Who, incident_called
from watchkeeper.autopilot.following import Again, closed
from watchkeeper.model.incident import Incident
from watchkeeper.model.level import LEVELS
from watchkeeper.model.note import Note
from watchkeeper.model.signal import FOLLOWING
from watchkeeper.model.watch import Seen, Standing, Watch
from watchkeeper.store import Place, Store, open_store

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
MOST_SAID = 5
"""Things that an incident is said to name again; more are counted."""
ALONE, TOGETHER = LEVELS.index("high"), LEVELS.index("medium")
"""One thing of the first level re-opens an incident, two different things of the second do; one name alone proves too little."""


def close(store: Store, start: str, who: Who) -> Standing:
    """Close the incident whose id begins so: nothing is looked out for because of it any more.

    Raises:
        ValueError: there is no such incident, or it is closed, or no reason is given.
    """
    incident = incident_called(store, start)
    if incident.id in closed(store):
        raise ValueError(f"incident {incident.id[:12]!r} is closed already; `watchkeeper incidents` says by whom")
    return _said(store, incident, "closed", who)


def reopen(store: Store, start: str, who: Who) -> Standing:
    """Re-open the incident whose id begins so, if it was closed by `close`.

    Raises:
        ValueError: there is no such incident, or it is not closed, or no reason is given.
    """
    incident = incident_called(store, start)
    said = store.standings().get(incident.id, ())
    if not said or said[-1].state != "closed":
        raise ValueError(
            f"incident {incident.id[:12]!r} was not closed by `watchkeeper incidents close`; `watchkeeper feedback` judges anew"
        )
    return _said(store, incident, "re-opened", who)


def _said(store: Store, incident: Incident, state: Any, who: Who) -> Standing:
    if not who.why.strip():
        raise ValueError("say why with --why")
    standing = Standing(incident=incident.id, state=state, time=who.time, by=who.by, why=who.why)
    store.keep_standing(standing)
    return standing


def keep_seen(new: Again, signals: pa.Table, case: str, state: Place, days: int) -> tuple[Standing, ...]:
    """Re-open the incidents of which something was seen again, and look out for what they name so many days more.

    `signals` are those of the case (`PLACED_SCHEMA`).

    Raises:
        OSError: the state database cannot be written.
    """
    now = datetime.now(UTC)
    found = reopened(new, signals, case, now) if new.by_rule else ()
    with closing(open_store(state)) as store:
        for standing in found:
            store.keep_standing(standing)
        again = {standing.incident for standing in found}
        for watch in store.watches() if again else ():
            if watch.incident in again and watch.ended is None and now < watch.until:
                store.keep_watch(watch.model_copy(update={"until": max(watch.until, now + timedelta(days=days))}))
    return found


def standing_notes(said: Sequence[Standing]) -> tuple[Note, ...]:
    """Say how an incident stands now; nothing if it is open and always was."""
    if not said:
        return ()
    last = said[-1]
    if last.by:
        code = "incident.closed" if last.state == "closed" else "incident.reopened-by"
        return (Note(code=code, arguments={"by": last.by, "time": last.time.isoformat(), "why": last.why}),)
    return tuple(_reopened_note(last, one) for one in last.seen[:MOST_SAID])


def _reopened_note(standing: Standing, seen: Seen) -> Note:
    hosts = ", ".join(seen.hosts[:MOST_SAID]) or "?"
    about = {
        "time": standing.time.isoformat(), "kind": seen.entity.kind, "value": seen.entity.value, "hosts": hosts,
        "count": str(seen.events), "first": seen.first.isoformat() if seen.first else "?", "because": seen.why.code,
    }  # fmt: skip
    return Note(code="incident.reopened", arguments={**seen.why.arguments, **about})


def again_notes(new: Again, signals: pa.Table) -> tuple[Note, ...]:
    """Say what of earlier incidents these signals name, each thing once, those of the longest known first."""
    rows = signals.filter(pc.equal(signals.column("detector"), pa.scalar(FOLLOWING)))
    counts = Counter(cast("list[str]", rows.column("rule").to_pylist()))
    said = [(watch, counts[rule]) for rule in counts for watch in new.by_rule.get(rule, ())]
    said.sort(key=lambda one: (one[0].hops, -LEVELS.index(one[0].level), one[0].id))
    notes = [_note(watch, count) for watch, count in said[:MOST_SAID]]
    more = len(said) - MOST_SAID
    return (*notes, *([Note(code="incident.followed.more", arguments={"count": str(more)})] if more > 0 else ()))


def _note(watch: Watch, count: int) -> Note:
    known = {
        "value": watch.entity.value, "kind": watch.entity.kind, "since": watch.since.isoformat(), "incident": watch.incident[:12],
        "count": str(count), "because": watch.why.code,
    }  # fmt: skip
    return Note(code="incident.followed", arguments={**watch.why.arguments, **known})


def _incidents_by_rule(signals: pa.Table) -> dict[str, tuple[str, ...]]:
    """Give the incidents that hold signals on what is followed, by the rules of these (`PLACED_SCHEMA`)."""
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    mine = signals.filter(pc.and_(pc.equal(signals.column("detector"), pa.scalar(FOLLOWING)), pc.is_valid(signals.column("incident"))))
    for rule, incident in zip(mine.column("rule").to_pylist(), mine.column("incident").to_pylist(), strict=True):
        found[str(rule)][str(incident)] = None
    return {rule: tuple(incidents) for rule, incidents in found.items()}


def reopened(new: Again, signals: pa.Table, case: str, now: datetime) -> tuple[Standing, ...]:
    """Say which incidents what was seen anew re-opens; `signals` are those of the case (`PLACED_SCHEMA`)."""
    joined = _incidents_by_rule(signals)
    by_incident: defaultdict[str, dict[str, Watch]] = defaultdict(dict)
    for rule, watches in new.by_rule.items():
        for watch in watches:
            by_incident[watch.incident][rule] = watch
    rows = new.signals.filter(pc.equal(new.signals.column("detector"), pa.scalar(FOLLOWING))).to_pylist()
    found: list[Standing] = []
    for incident, mine in sorted(by_incident.items()):
        levels = [LEVELS.index(watch.level) for watch in mine.values()]
        if any(level >= ALONE for level in levels) or sum(level >= TOGETHER for level in levels) > 1:
            seen = tuple(_seen(watch, [row for row in rows if row["rule"] == rule]) for rule, watch in mine.items())
            names = dict.fromkeys(name for rule in mine for name in joined.get(rule, ()))
            found.append(Standing(incident=incident, state="re-opened", time=now, case=case, joined=tuple(names), seen=seen))
    return tuple(found)


def _seen(watch: Watch, rows: Sequence[Mapping[str, Any]]) -> Seen:
    times = [row["time"] for row in rows if row["time"]]
    first = min(rows, key=lambda row: (row["time"] is None, row["time"] or 0, row["event_id"]))
    return Seen(
        entity=watch.entity,
        why=watch.why,
        since=watch.since,
        hosts=tuple(dict.fromkeys(row["host"] for row in rows if row["host"])),
        first=min(times, default=None),
        events=len({row["event_id"] for row in rows}),
        event_id=first["event_id"],
    )

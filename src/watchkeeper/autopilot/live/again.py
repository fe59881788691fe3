"""Seen again: what incidents of the stream name of other incidents' attackers. Owns leaving out what an incident names of its own."""

from datetime import datetime
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

from watchkeeper.autopilot.following import Again, Followed
from watchkeeper.autopilot.standings import reopened
from watchkeeper.model.signal import FOLLOWING, SIGNAL_SCHEMA
from watchkeeper.model.watch import Standing

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
LIVE = "live"
"""In the place of a case: an incident is re-opened by the stream once, and what was seen is added to."""


def again_in(signals: pa.Table, following: Followed) -> Again:
    """Give what signals of incidents (`PLACED_SCHEMA`) name of others' attackers."""
    is_mine = pc.and_(pc.equal(signals.column("detector"), FOLLOWING), pc.is_valid(signals.column("incident")))
    mine = signals.filter(is_mine)
    pairs = zip(cast("list[str]", mine.column("rule").to_pylist()), cast("list[str]", mine.column("incident").to_pylist()), strict=True)
    holders: dict[str, set[str]] = {}
    for rule, incident in pairs:
        holders.setdefault(rule, set()).add(incident)
    by_rule = {
        rule: found
        for rule, at in holders.items()
        if (found := tuple(watch for watch in following.by_rule.get(rule, ()) if watch.incident not in at))
    }
    others = mine.filter(pc.is_in(mine.column("rule"), value_set=pa.array(sorted(by_rule), pa.string())))
    return Again(others.select(SIGNAL_SCHEMA.names), by_rule, mine.num_rows - others.num_rows)


def reopened_by(signals: pa.Table, new: Again, now: datetime) -> tuple[Standing, ...]:
    """Say which incidents are open again because signals of others (`PLACED_SCHEMA`) name something of theirs."""
    return reopened(new, signals, LIVE, now) if new.by_rule else ()

"""What is asked of folded noise, computed from labels. Owns the figures; what is shown comes from the product, or from a baseline.

Sessions are cut here again, from times and hosts alone, so that nobody's sessions can be made larger to look better. Sessions removed:
those of which nothing is shown. A session belongs to the attack if an alert of it shows a step or came while a phase ran. Purity of an
incident: share of its sessions that belong to the attack; `purity_by_step` asks for a step. An incident is false if its purity is under 0.8
or it holds more than 20 % of the sessions of a day. An attack is found if one of the first three incidents is true and holds a step.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from noise_alerts import MICRO, NO_STEP, Labels

PAUSE_SECONDS, LONGEST_SECONDS, DAY_SECONDS = 3600, 7200, 86400
PURE, DAY_SHARE, TOP = 0.8, 0.2, 3
SUMMED = (
    "alerts", "lines", "sessions", "shown", "steps", "steps_shown", "steps_in_incidents", "shown_attacked", "found", "incidents_false",
    "days",
)  # fmt: skip


@dataclass(frozen=True)
class Sessions:
    """One host's alerts between pauses, for every host."""

    of: np.ndarray
    """By alert: its session."""
    days: np.ndarray
    """By session: the day it starts on."""
    attacked: np.ndarray
    """By session: whether an alert of it belongs to the attack."""
    stepped: np.ndarray
    """By session: whether an alert of it shows a step."""
    steps: list[frozenset[str]]
    """By session."""


def sessions(labels: Labels) -> Sessions:
    """Cut the alerts, in any order, to sessions, and join their labels."""
    of, starts = cut(labels.times.tolist(), labels.hosts.tolist())
    steps: list[set[str]] = [set() for _ in starts]
    for row in np.flatnonzero(labels.steps != NO_STEP).tolist():
        steps[of[row]].add(labels.steps[row])
    own = np.array(of)
    attacked, stepped = (np.bincount(own, mask, len(starts)) > 0 for mask in (labels.attack, labels.steps != NO_STEP))
    return Sessions(own, np.array(starts) // (DAY_SECONDS * MICRO), attacked, stepped, [frozenset(held) for held in steps])


def cut(times: Sequence[int], hosts: Sequence[str]) -> tuple[list[int], list[int]]:
    """Give each alert's session, and each session's start."""
    running: dict[str, int] = {}
    starts: list[int] = []
    ends: list[int] = []
    of = [0] * len(times)
    for row in np.argsort(np.array(times), kind="stable").tolist():
        time, session = times[row], running.get(hosts[row])
        if session is None or time - ends[session] > PAUSE_SECONDS * MICRO or time - starts[session] > LONGEST_SECONDS * MICRO:
            session = running[hosts[row]] = len(starts)
            starts.append(time)
            ends.append(time)
        ends[session] = time
        of[row] = session
    return of, starts


def measured(held: Sessions, shown: Iterable[int], incidents: Sequence[Iterable[int]]) -> dict[str, Any]:
    """Give the figures of what is shown: positions of sessions, and the incidents' sessions by rank."""
    seen, count = set(shown), len(held.steps)
    every = frozenset[str]().union(*held.steps)
    covered = frozenset[str]().union(*(held.steps[session] for session in seen))
    told = [_incident(held, rank, set(members)) for rank, members in enumerate(incidents, start=1)]
    found = [one["rank"] for one in told if one["true"] and one["steps"]]
    inside = frozenset(session for members in incidents for session in members)
    return {
        "sessions": count, "shown": len(seen), "removed": round(1 - len(seen) / max(1, count), 4),
        "steps": len(every), "steps_shown": len(covered), "missed": sorted(every - covered),
        "steps_in_incidents": len(frozenset[str]().union(*(held.steps[session] for session in inside))),
        "shown_attacked": sum(bool(held.attacked[session]) for session in seen),
        "attack_rank": min(found, default=None), "found": bool(found) and min(found) <= TOP,
        "incidents": told, "incidents_false": sum(not one["true"] for one in told), "days": len(set(held.days.tolist())),
    }  # fmt: skip


def _incident(held: Sessions, rank: int, members: set[int]) -> dict[str, Any]:
    rows = sorted(members)
    days, own = Counter(held.days.tolist()), Counter(held.days[rows].tolist())
    purity = float(held.attacked[rows].mean())
    share = max(count / days[day] for day, count in own.items())
    return {
        "rank": rank, "sessions": len(rows), "purity": round(purity, 3), "purity_by_step": round(float(held.stepped[rows].mean()), 3),
        "day_share": round(share, 3), "true": purity >= PURE and share <= DAY_SHARE,
        "steps": len(frozenset[str]().union(*(held.steps[session] for session in rows))),
    }  # fmt: skip


def placed(held: Sessions, signals: pa.Table) -> tuple[set[int], list[set[int]]]:
    """Give the sessions shown and the incidents' sessions by rank, from a table as in `PLACED_SCHEMA`."""
    rows = signals.column("row").to_numpy()
    own = held.of[rows]
    shown = set(own[signals.column("shown").to_numpy(zero_copy_only=False)].tolist())
    ranks = signals.column("rank").fill_null(0).to_numpy()
    by_rank = {rank: set(own[ranks == rank].tolist()) for rank in sorted(set(ranks.tolist()) - {0})}
    return shown, list(by_rank.values())


def same_sessions(held: Sessions, signals: pa.Table) -> bool:
    """Say whether the product cut the same sessions."""
    theirs = signals.column("session").combine_chunks().dictionary_encode().indices.to_numpy()
    pairs = np.unique(np.stack([held.of[signals.column("row").to_numpy()], theirs]), axis=1).shape[1]
    return pairs == len(held.steps) == len(set(theirs.tolist()))


def total(beds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Add up the figures of testbeds."""
    sums = {name: sum(bed[name] for bed in beds) for name in SUMMED if all(name in bed for bed in beds)}
    incidents = sum(len(bed["incidents"]) for bed in beds)
    return {
        **sums,
        "removed": round(1 - sums["shown"] / max(1, sums["sessions"]), 4),
        "incidents": incidents,
        "incident_precision": round(1 - sums["incidents_false"] / incidents, 3) if incidents else None,
        "lowest_purity": min((one["purity"] for bed in beds for one in bed["incidents"]), default=None),
        "false_incidents_a_day": round(sums["incidents_false"] / max(1, sums["days"]), 3),
    }

"""Sightings: what cases matched, by indicator, and which of it may leave. Owns adding up and the Traffic Light Protocol's limit."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from watchkeeper.autopilot.backwards import Match
from watchkeeper.detection.intel.formats.tagged import is_within
from watchkeeper.detection.intel.sharing import Sighted
from watchkeeper.model.indicator import Tlp
from watchkeeper.stix.patterns import pattern_of

UNTOLD = "a kind of indicator that STIX has no pattern for"


@dataclass(frozen=True, slots=True)
class Shared:
    """What may leave, and what stays."""

    sighted: tuple[Sighted, ...]
    """In the order of their first events."""
    staying: Counter[str]
    """Indicators that were seen and stay, by reason."""
    unmarked: int
    """Those that leave without a level, because their source gave none."""


def shared(matches: Sequence[Match], most: Tlp, *, hosts: bool) -> Shared:
    """Give what was sighted of each indicator that is no stricter than a level, with or without hosts."""
    found: dict[str, Sighted] = {}
    for match in matches:
        for indicator in (match.indicator, *match.others):
            seen = Sighted(indicator, match.count, match.since, match.last, match.hosts if hosts else ())
            before = found.get(indicator["id"])
            found[indicator["id"]] = _added(before, seen) if before else seen
    leaving: list[Sighted] = []
    staying = Counter[str]()
    for one in found.values():
        tlp: Tlp = one.indicator["tlp"]
        if not is_within(tlp, most):
            staying[f"TLP:{tlp.upper()}"] += 1
        elif not pattern_of(one.indicator["kind"], one.indicator["value"]):
            staying[UNTOLD] += 1
        else:
            leaving.append(one)
    return Shared(tuple(leaving), staying, sum(not one.indicator["tlp"] for one in leaving))


def _added(one: Sighted, other: Sighted) -> Sighted:
    return replace(
        one,
        count=one.count + other.count,
        first=min((time for time in (one.first, other.first) if time), default=None),
        last=max((time for time in (one.last, other.last) if time), default=None),
        hosts=tuple(dict.fromkeys((*one.hosts, *other.hosts))),
    )

"""Lists as STIX 2.1 indicators, in the order in which they changed. Owns what of a list becomes which object; a page at a time is made.

A value that leaves a list stays as a revoked version for a while: who fetches only what is new would never hear of it otherwise.

Source: OASIS STIX 2.1, sections 3.2 (`revoked`), 3.6 (versioning) and 4.7 (indicator).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from watchkeeper.model.listed import Listed
from watchkeeper.stix.objects import Author, Object, bundle, id_of, identity, stamp
from watchkeeper.stix.patterns import pattern_of

_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_WHO = identity("Watchkeeper", "system", "Watchkeeper", _SINCE)


class Told(NamedTuple):
    """A value of a list as its newest version stands."""

    changed: datetime
    """When it became so, to the millisecond: by this a fetcher knows what is new."""
    id: str
    """Id of its object."""
    kind: str
    value: str
    created: datetime
    until: datetime | None
    """When it will leave the list; none if it stays, or has left."""
    is_revoked: bool
    """Whether it has left."""


WHO = Told(_SINCE, _WHO["id"], "identity", "Watchkeeper", _SINCE, None, is_revoked=False)
"""Who made the values of every list, which is told before them."""


def told(name: str, entries: Iterable[Listed], now: datetime) -> tuple[Told, ...]:
    """Give the values of a list, and those that left it lately, in the order in which they changed."""
    return tuple(sorted(_newest(name, kind, value, same, now) for (kind, value), same in _together(entries).items()))


def objects(name: str, page: Sequence[Told]) -> list[Object]:
    """Give values as indicators, and who made them as an identity."""
    return [_WHO if one is WHO else _object(name, one) for one in page]


def whole(name: str, entries: Iterable[Listed], now: datetime) -> Object:
    """Give what is on a list now as a bundle."""
    here = [one for one in told(name, entries, now) if not one.is_revoked]
    return bundle((name, stamp(now)), objects(name, [WHO, *here]))


def _together(entries: Iterable[Listed]) -> dict[tuple[str, str], list[Listed]]:
    found: defaultdict[tuple[str, str], list[Listed]] = defaultdict(list)
    for one in entries:
        found[one.kind, one.value].append(one)
    return found


def _newest(name: str, kind: str, value: str, same: Sequence[Listed], now: datetime) -> Told:
    created = min(one.added for one in same)
    here = [one for one in same if one.is_on(now)]
    times = [one.added for one in same] + [left for one in same if (left := one.left()) and left <= now]
    ends = [one.left() for one in here]
    until = max((end for end in ends if end), default=None) if None not in ends else None
    return Told(_millisecond(max(times)), id_of("indicator", _WHO["id"], name, kind, value), kind, value, created, until, not here)


def _object(name: str, one: Told) -> Object:
    author = Author(_WHO["id"], one.created, one.changed)
    return author.object(
        "indicator", (name, one.kind, one.value), name=one.value, description=f"Watchkeeper, list {name}",
        indicator_types=["malicious-activity"],
        pattern=pattern_of(one.kind, one.value), pattern_type="stix", valid_from=stamp(one.created),
        valid_until=stamp(one.until) if one.until else None, revoked=True if one.is_revoked else None,
    )  # fmt: skip


def _millisecond(time: datetime) -> datetime:
    return time.replace(microsecond=time.microsecond // 1000 * 1000)

"""Which host held an address at a time. Owns the sightings and the answer; who sees a host at an address stands in `sightings`.

Sightings of an hour are one span, so that memory grows with addresses and hours and not with events, up to a bound.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from watchkeeper.assets.kept import Kept

Source = Literal["own", "dhcp", "agent", "logon", "dns"]
SOURCES: tuple[Source, ...] = ("own", "dhcp", "agent", "logon", "dns")
"""Who may say so, the most reliable first: the host itself, the server that leased the address, an agent, a logon, a look-up."""
MAX_SPANS = 200_000
"""Spans kept at most."""

_MICRO = 1_000_000
_BUCKET = 3600 * _MICRO
_HORIZON, _ALONE_HORIZON = 24 * 3600 * _MICRO, 7 * 24 * 3600 * _MICRO
"""Longer before or after every sighting, nobody knows; the latter where no other host was ever seen there."""
_NEARER = 4
"""How many times as near one host's sighting must be as another's."""

Key: TypeAlias = tuple[str, str, str, int]
"""Address, source, host, and the hour since 1970."""
Span: TypeAlias = tuple[int, int]
"""Times of the first and the last sighting, µs since 1970-01-01 UTC."""
Placed: TypeAlias = tuple[int, int, str]
"""A span with its host."""


class Held:
    """Hosts at addresses over time."""

    def __init__(self, most: int = MAX_SPANS) -> None:
        """Know nothing; keep `most` spans."""
        self._spans: Kept[Key, Span] = Kept(most, _joined)
        self._by_address: dict[str, dict[str, list[Placed]]] | None = None

    @property
    def is_full(self) -> bool:
        """Whether some sightings found no room."""
        return self._spans.is_full

    def note(self, address: str, host: str, time: int, source: Source) -> None:
        """Take in that a host was seen at an address at a time, µs since 1970."""
        self._by_address = None
        self._spans.add((address, source, host, time // _BUCKET), (time, time))

    def hand_over(self) -> tuple[list[tuple[Key, Span]], bool]:
        """Give every span and whether there were more, and forget them."""
        self._by_address = None
        return self._spans.hand_over()

    def take_over(self, spans: Iterable[tuple[Key, Span]], *, is_full: bool) -> None:
        """Add what another has gathered."""
        self._by_address = None
        self._spans.take_over(spans, is_full=is_full)

    def host_of(self, address: str, time: int | None) -> str | None:
        """Give the host that held an address at a time, by the most reliable that knows of it; none if nobody does or it is undecided.

        Without a time it is the only host that ever held it, if there is only one.
        """
        by_source = self._index().get(address, {})
        hosts = {host for spans in by_source.values() for _, _, host in spans}
        horizon = _ALONE_HORIZON if len(hosts) == 1 else _HORIZON
        for spans in by_source.values():
            found = _at(spans, time, horizon)
            if found:
                return next(iter(found)) if len(found) == 1 else None
        return None

    def _index(self) -> Mapping[str, Mapping[str, list[Placed]]]:
        """Give the spans of each address, the most reliable source first, in time order."""
        if self._by_address is None:
            found: defaultdict[str, dict[str, list[Placed]]] = defaultdict(dict)
            for source in SOURCES:
                placed = ((key[0], (*span, key[2])) for key, span in self._spans if key[1] == source)
                for address, one in sorted(placed):
                    found[address].setdefault(source, []).append(one)
            self._by_address = dict(found)
        return self._by_address


def _joined(one: Span, other: Span) -> Span:
    return min(one[0], other[0]), max(one[1], other[1])


def _at(spans: Iterable[Placed], time: int | None, horizon: int) -> frozenset[str]:
    """Give the hosts that may have been there: those seen before and after, else the nearest; several where none is much nearer."""
    if time is None:
        return frozenset(host for _, _, host in spans)
    inside = frozenset(host for first, last, host in spans if first <= time <= last)
    if inside:
        return inside
    before = max(((last, host) for _, last, host in spans if last < time), default=None)
    after = min(((first, host) for first, _, host in spans if first > time), default=None)
    near = sorted((abs(time - moment), host) for moment, host in filter(None, (before, after)) if abs(time - moment) <= horizon)
    if len(near) == 2 and near[0][1] != near[1][1] and near[0][0] * _NEARER > near[1][0]:
        return frozenset(host for _, host in near)
    return frozenset(host for _, host in near[:1])

"""Learning from events: which hosts there are, their addresses and roles, whose names go together. Owns the guesses, marked as learnt."""

from collections import Counter, defaultdict
from dataclasses import dataclass

from watchkeeper.assets.accounts import MAX_NAMES, Accounts
from watchkeeper.assets.accounts import Key as Statement
from watchkeeper.assets.held import MAX_SPANS, Held, Key, Span
from watchkeeper.assets.sightings import sightings
from watchkeeper.assets.stated import statements
from watchkeeper.model.asset import Asset
from watchkeeper.model.batch import Batch

_ROLE_EVENTS = {
    ("Security", "4768"): "domain-controller",
    ("Security", "4769"): "domain-controller",
    ("Security", "4771"): "domain-controller",
    ("Security", "4662"): "domain-controller",
    ("MSExchange Management", "1"): "mail",
    ("Microsoft-Windows-DNSServer/Audit", "515"): "dns",
}
"""Events that only a host of that role writes in numbers."""

_CRITICALITY = {"domain-controller": 5, "mail": 4, "dns": 4}
_ENOUGH = 3
_MOST_ADDRESSES = 4


@dataclass(frozen=True, slots=True)
class Learning:
    """What was counted of some of the events, for a learner in another process."""

    addresses: dict[str, dict[str, int]]
    """How often each address was a host's own, by host; every host that was seen is there."""
    roles: dict[str, dict[str, int]]
    """How many events of each role a host wrote, by host."""
    held: list[tuple[Key, Span]]
    """Which hosts were seen at which addresses when."""
    held_is_full: bool
    """Whether there were more of these than are kept."""
    accounts: list[Statement]
    """Which names were stated to be one account's."""
    accounts_are_full: bool
    """Whether there were more of these than are kept."""


class Learner:
    """Counts what each host's events say about it; memory grows with hosts and accounts, not with events."""

    def __init__(self) -> None:
        """Know nothing."""
        self._addresses: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._roles: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._held = Held()
        self._accounts = Accounts()

    @property
    def held(self) -> Held:
        """Which host held an address when."""
        return self._held

    @property
    def accounts(self) -> Accounts:
        """Which names are one account's."""
        return self._accounts

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be learnt."""
        full = (
            (self._held.is_full, f"hosts changed their addresses more than {MAX_SPANS:,} times"),
            (self._accounts.is_full, f"accounts have more than {MAX_NAMES:,} names"),
        )
        return tuple(f"{what}: by chance, some of that is not known" for is_full, what in full if is_full)

    def observe(self, batch: Batch) -> None:
        """Learn from one batch."""
        hosts = Counter(host for host in batch.table.column("_host").to_pylist() if host)
        for host in hosts:
            self._addresses.setdefault(host, Counter())
        source = batch.logsource
        role = _ROLE_EVENTS.get((source.service, source.event_type))
        if role:
            for host, count in hosts.items():
                self._roles[host][role] += count
        for address, host, time, said_by in sightings(batch):
            if said_by == "own":
                self._addresses[host][address] += 1
            if time is not None:
                self._held.note(address, host, time, said_by)
        for statement in statements(batch):
            self._accounts.note(statement)

    def learnt(self) -> tuple[Asset, ...]:
        """Give every host seen, by name."""
        return tuple(self._asset(host) for host in sorted(self._addresses))

    def hand_over(self) -> Learning:
        """Give what was counted so far, and forget it."""
        addresses, roles = ({host: dict(counts) for host, counts in seen.items()} for seen in (self._addresses, self._roles))
        learning = Learning(addresses, roles, *self._held.hand_over(), *self._accounts.hand_over())
        self._addresses.clear()
        self._roles.clear()
        return learning

    def take_over(self, learning: Learning) -> None:
        """Add what another has counted of the events that come next; the guesses are as if they had been seen here."""
        for ours, theirs in ((self._addresses, learning.addresses), (self._roles, learning.roles)):
            for host, counts in theirs.items():
                ours[host].update(counts)
        self._held.take_over(learning.held, is_full=learning.held_is_full)
        self._accounts.take_over(learning.accounts, is_full=learning.accounts_are_full)

    def _asset(self, host: str) -> Asset:
        addresses = tuple(sorted(address for address, _ in _most(self._addresses[host])[:_MOST_ADDRESSES]))
        role = next((name for name, count in _most(self._roles[host])[:1] if count >= _ENOUGH), "")
        return Asset(name=host, role=role, criticality=_CRITICALITY.get(role, 2), addresses=addresses)


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    """Give what was counted, most first; what is as frequent by name, so that the order in which events came does not matter."""
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))

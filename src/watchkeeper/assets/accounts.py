r"""Which names are one account's: `DOMAIN\name`, UPN, SID. Owns what was stated and the answer; which events state it stands in `stated`.

A name alone is enough where it is known in one domain only. Where several have it, the account of each is called with its domain; a name
without one means the account of that name on the host, if there only one was ever seen.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal, TypeAlias

from watchkeeper.assets.kept import Kept
from watchkeeper.schema.account import is_sid, parted

MAX_NAMES = 200_000
"""Statements kept at most, and as many of who was seen on which host."""
MOST_OTHERS = 6
"""Other names of an account that are given at most."""

By = Literal["", "sid", "upn", "host"]
"""By what other name an account was stated; empty for one that was only named with its domain; by host, where it was seen."""
Key: TypeAlias = tuple[By, str, str, str]
"""By what, that name or host, and the label of the account's domain and its name; all in lower case."""
_Account: TypeAlias = tuple[str, str]
"""Label of the domain, and name."""


class _Known:
    """What follows from all statements."""

    def __init__(self, stated: Iterable[Key], on_hosts: Iterable[Key]) -> None:
        """Turn them round."""
        sids: defaultdict[_Account, set[str]] = defaultdict(set)
        self._by_other: defaultdict[str, set[_Account]] = defaultdict(set)
        for by, other, label, name in stated:
            sids[label, name] |= {other} if by == "sid" else set()
            if by:
                self._by_other[other].add((label, name))
        self._domains = _domains(sids)
        self.others: defaultdict[str, set[str]] = defaultdict(set)
        """By the one name of an account: its other names."""
        for label, name in sids:
            self.others[self.called(label, name)].add(f"{label}\\{name}")
        for other in self._by_other:
            self.others[self.by(other)].add(other)
        self._on_hosts: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for _, host, label, name in on_hosts:
            self._on_hosts[host, name].add(self.called(label, name))

    def called(self, label: str, name: str) -> str:
        """Give the one name of an account of a domain."""
        domains = self._domains.get(name, {})
        several = label in domains and len(set(domains.values())) > 1
        return f"{domains[label]}\\{name}" if several else name

    def by(self, other: str) -> str:
        """Give the one name of the account of a SID or UPN; empty if there is none, or more than one."""
        called = {self.called(*account) for account in self._by_other.get(other, ())}
        return called.pop() if len(called) == 1 else ""

    def on(self, host: str, name: str) -> str:
        """Give the one name of an account that a host calls by its name alone; that, if the host knows none or more than one."""
        called = self._on_hosts.get((host, name), set[str]())
        return next(iter(called)) if len(called) == 1 else name


class Accounts:
    """Names of accounts that go together."""

    def __init__(self, most: int = MAX_NAMES) -> None:
        """Know nothing; keep `most` statements."""
        self._stated, self._on_hosts = (Kept[Key, None](most, lambda one, _: one) for _ in range(2))
        self._known: _Known | None = None

    @property
    def is_full(self) -> bool:
        """Whether some statements found no room."""
        return self._stated.is_full or self._on_hosts.is_full

    def note(self, key: Key) -> None:
        """Take in that an event states names of one account."""
        self._known = None
        (self._on_hosts if key[0] == "host" else self._stated).add(key, None)

    def hand_over(self) -> tuple[list[Key], bool]:
        """Give every statement and whether there were more, and forget them."""
        self._known = None
        parts = [self._stated.hand_over(), self._on_hosts.hand_over()]
        return [key for held, _ in parts for key, _ in held], any(is_full for _, is_full in parts)

    def take_over(self, keys: Iterable[Key], *, is_full: bool) -> None:
        """Add what another has gathered."""
        for key in keys:
            self.note(key)
        self._stated.take_over((), is_full=is_full)

    def name_of(self, text: str, host: str = "") -> str:
        r"""Give the one name of an account that a host speaks of: alone, or `domain\name` where several domains have that name.

        A SID or UPN of which no account or more than one was stated is no way to one: a SID stays, a UPN counts as name and domain.
        """
        lowered = text.strip().lower()
        known, (label, name) = self._index(), parted(lowered)
        if found := known.by(lowered) or (lowered if is_sid(lowered) else ""):
            return found
        return known.called(label, name) if label else known.on(host, name)

    def others(self, name: str) -> tuple[str, ...]:
        """Give the other names of the account of a name as `name_of` gives it, sorted, `MOST_OTHERS` at most."""
        return tuple(sorted(self._index().others.get(name, set()) - {name}))[:MOST_OTHERS] if name else ()

    def _index(self) -> _Known:
        if self._known is None:
            self._known = _Known((key for key, _ in self._stated), (key for key, _ in self._on_hosts))
        return self._known


def _domains(sids: Mapping[_Account, set[str]]) -> Mapping[str, Mapping[str, str]]:
    """Give the labels of domains by name; two labels are one domain's where the account has the same SIDs under both, and has any."""
    same: defaultdict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for (label, name), known in sids.items():
        same[name, frozenset(known) or frozenset({label})].append(label)
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for (name, _), labels in same.items():
        called = min(labels, key=lambda label: (len(label), label))
        found[name].update(dict.fromkeys(labels, called))
    return found

"""Accounts: what other hosts recorded of an attack's accounts and addresses. Owns matching logons, tickets and share accesses to them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from watchkeeper.model.event import Event
from watchkeeper.model.query import Query, Search
from watchkeeper.tracing.fact import address, named, text
from watchkeeper.tracing.sources import LOGONS, SECURITY, windows

_MOST, _MOST_NAMES = 8_000, 24
_REMOTE = LOGONS + windows(SECURITY, "4771 5140 5145")
_CHECKS = windows(SECURITY, "4776")
_AT_ONCE = timedelta(seconds=2)
_SYSTEMS = frozenset({"system", "local service", "network service", "anonymous logon", ""})


@dataclass(frozen=True, slots=True)
class Used:
    """From where the attack came, and which accounts it used on which of the hosts."""

    outside: frozenset[str]
    """The attackers' addresses."""
    hosts: Mapping[str, str]
    """Own address to host, of the hosts the attack runs on."""
    users: Mapping[str, frozenset[str]]
    """Host to the accounts used there."""
    since: Mapping[str, datetime]
    """Host to when the attack began there."""


def recorded(used: Used, span: tuple[datetime, datetime], search: Search) -> Iterator[Event]:
    """Yield logons, tickets and share accesses from the attack's addresses, and the password checks that go with them."""
    sought = tuple(sorted({*used.outside, *used.hosts}))[:_MOST_NAMES]
    if not sought:
        return
    asked = search(Query(start=span[0], end=span[1], logsources=_REMOTE, mentions=sought, limit=_MOST))
    ours = [event for event in asked if _is_ours(event, used)]
    yield from ours
    yield from _checked(ours, span, search)


def person(user: str) -> bool:
    """Say whether a name is that of a person's or a service's account, not of a machine or the system."""
    return named(user) not in _SYSTEMS and not named(user).endswith("$")


def _is_ours(event: Event, used: Used) -> bool:
    came_from = address(text(event, "IpAddress", "ClientAddress")) or ""
    if came_from in used.outside:
        return True
    host = used.hosts.get(came_from)
    if host is None or event.time is None or event.time < used.since[host]:
        return False
    return any(user in used.users[host] for user in _users(event))


def _users(event: Event) -> set[str]:
    return {named(text(event, name)) for name in ("TargetUserName", "SubjectUserName") if person(text(event, name))}


def _checked(logons: Iterable[Event], span: tuple[datetime, datetime], search: Search) -> Iterator[Event]:
    """Yield the password checks of a domain controller for logons that are the attack's: same account, same moment."""
    moments = [(user, event.time) for event in logons for user in _users(event) if event.time]
    names = tuple(sorted({user for user, _ in moments}))[:_MOST_NAMES]
    if not names:
        return
    for check in search(Query(start=span[0], end=span[1], logsources=_CHECKS, mentions=names, limit=_MOST)):
        user = named(text(check, "TargetUserName"))
        if any(user == other and check.time and abs(check.time - time) <= _AT_ONCE for other, time in moments):
            yield check

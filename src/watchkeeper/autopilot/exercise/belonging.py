"""What is part of an exercise: a signal is if time, place, source and account were all declared; an incident if all its signals are.

Owns this test alone. In doubt it says no: what is real and taken for an exercise costs more than the other way round.
"""

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_address, ip_network

from watchkeeper.autopilot.signal_list import signals
from watchkeeper.model.exercise import EVERYWHERE, Attackers, Belonging, Exercise, Undeclared
from watchkeeper.model.incident import Incident
from watchkeeper.model.signal import Signal
from watchkeeper.model.signal_placed import SignalFilter, SignalPlaced
from watchkeeper.store import Store

MOST = 20_000
"""Signals of one incident, or of one exercise, that are looked at."""
_PAGE = 1_000
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_NOBODYS = ("0.0.0.0/32", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "::/127", "fe80::/10", "ff00::/8")
_OURS = tuple(map(ip_network, (*_PRIVATE, *_NOBODYS)))
"""Addresses that are not outside: private, and such as no other machine has. Shared and documentation networks are not among them."""


def undeclared(signal: Signal, exercise: Exercise) -> Undeclared | None:
    """Say why a signal is not part of an exercise; none if it is.

    Its time has to be agreed, its host in scope, a declared address or host named as where it comes from; every account and every
    outside address that it names has to be declared; and a host alone is not enough: a declared account, tool or address is named too.
    """
    if signal.time is None:
        return "no-time"
    if not exercise.runs_at(signal.time):
        return "window"
    if not _in_scope(signal.host, exercise.scope):
        return "scope"
    return _by_names(signal, exercise.attackers)


def belonging(incident: Incident, found: Sequence[Signal], exercise: Exercise) -> Belonging:
    """Say how much of an incident is part of an exercise; `found` are its signals, as many as are to be had."""
    inside, why = 0, dict[Undeclared, int]()
    for one in found:
        reason = undeclared(one, exercise)
        if reason is None:
            inside += 1
        else:
            why[reason] = why.get(reason, 0) + 1
    if (unseen := sum(fold.count for fold in incident.folds) - len(found)) > 0:
        why["unseen"] = unseen
    if strangers := _strangers(incident, exercise.attackers):
        why["outside"] = why.get("outside", 0) + strangers
    return Belonging(incident=incident.id, exercise=exercise.id, name=exercise.name, inside=inside, outside=sum(why.values()), why=why)


def exercise_of(store: Store, incident: Incident) -> str:
    """Give the name of the exercise that an incident is wholly part of; empty if it is real."""
    overlapping = [one for one in store.exercises() if _overlaps(incident, one)]
    if not overlapping:
        return ""
    mine = tuple(signals_of(store, SignalFilter(incident=incident.id)))
    return next((one.name for one in overlapping if belonging(incident, mine, one).wholly), "")


def signals_of(store: Store, wanted: SignalFilter, most: int = MOST) -> Iterator[SignalPlaced]:
    """Yield signals page by page, the newest first, so many at most."""
    after, given = "", 0
    while given < most:
        page = signals(store, wanted, after, min(_PAGE, most - given))
        yield from page.items
        given += len(page.items)
        after = page.next
        if not after:
            return


def marked(signal: Signal, attackers: Attackers) -> bool:
    """Say whether a signal names an address, account or tool that was declared, or is on a host that the attackers work from."""
    named = _values(signal)
    return bool(
        named["address"] & set(attackers.addresses)
        or named["hash"] & set(attackers.tools)
        or signal.host in attackers.hosts
        or any(_is_account(one, attackers.accounts) for one in _accounts(signal))
    )


def _by_names(signal: Signal, attackers: Attackers) -> Undeclared | None:
    named = _values(signal)
    addresses, accounts = named["address"], _accounts(signal)
    ours = addresses & set(attackers.addresses)
    if not ours and not ({signal.host} | named["host"]) & set(attackers.hosts):
        return "source"
    if any(_is_outside(one) for one in addresses - ours):
        return "outside"
    if not all(_is_account(one, attackers.accounts) for one in accounts):
        return "thing"
    return None if accounts or ours or named["hash"] & set(attackers.tools) else "thing"


def _values(signal: Signal) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {kind: set() for kind in ("address", "hash", "host", "user", "account")}
    for entity in signal.entities:
        found.get(entity.kind, set()).add(entity.value)
    return found


def _accounts(signal: Signal) -> frozenset[str]:
    named = _values(signal)
    return frozenset(one for one in (signal.user, *named["user"], *named["account"]) if one)


def _is_account(name: str, declared: Iterable[str]) -> bool:
    """Say whether an account was declared: one that was with its domain is that one alone, one without is so in any."""
    return any(
        name == one or (not {"\\", "@"} & set(one) and one in (name.rpartition("\\")[2], name.partition("@")[0])) for one in declared
    )


def _in_scope(host: str, scope: Sequence[str]) -> bool:
    return bool(host) and (tuple(scope) == (EVERYWHERE,) or host in scope)


def _is_outside(address: str) -> bool:
    """Say whether an address may be anybody's: whatever is not of a private network, or no machine's at all, is."""
    try:
        found = ip_address(address)
    except ValueError:
        return True
    return not any(found in network for network in _OURS)


def _strangers(incident: Incident, attackers: Attackers) -> int:
    """Count the outside addresses that its trace gives to the attacker and nobody declared."""
    traced = incident.trace.attackers if incident.trace else ()
    found = {one.value for one in traced if one.kind == "address"} - set(attackers.addresses)
    return sum(map(_is_outside, found))


def _overlaps(incident: Incident, exercise: Exercise) -> bool:
    if incident.start is None or incident.end is None:
        return False
    return any(window.since <= incident.end and incident.start < window.until for window in exercise.windows)

"""Rule switches: which rules a tenant wants no signals of. Owns where that is kept; loading rules and correlation follow it."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime

from watchkeeper.model.rule_seen import RuleSwitch
from watchkeeper.model.suppression import Suppression
from watchkeeper.store import Place, Store, open_store

_NAME = "rule-switch/"
_NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def switch(store: Store, said: RuleSwitch) -> None:
    """Keep a person's word on a rule.

    Raises:
        ValueError: no reason is given.
    """
    if not said.why.strip():
        raise ValueError("say why a rule is switched on or off")
    store.keep_setting(_NAME + _id(said.rule), said.model_dump_json())


def switches(store: Store) -> Mapping[str, RuleSwitch]:
    """Give the last word on every rule that people switched on or off, by the rule's id."""
    found = (RuleSwitch.model_validate_json(body) for name, body in store.settings().items() if name.startswith(_NAME))
    return {one.rule: one for one in found}


def switched_off(place: Place | None) -> frozenset[str]:
    """Give the ids of the rules that give no signals by the state at a place; none without one.

    Raises:
        OSError: the state database cannot be made or read.
    """
    if place is None:
        return frozenset()
    with closing(open_store(place)) as store:
        return frozenset(rule for rule, one in switches(store).items() if not one.on)


def as_suppressions(store: Store) -> Iterator[Suppression]:
    """Yield what sets aside the signals of rules that are switched off, where rules run for many tenants at once."""
    for one in switches(store).values():
        if not one.on:
            yield Suppression(id=_id(one.rule)[:12], rule=one.rule, where=(), owner=one.by, why=one.why, created=one.time, expires=_NEVER)


def _id(rule: str) -> str:
    return hashlib.blake2b(rule.encode(), digest_size=16).hexdigest()

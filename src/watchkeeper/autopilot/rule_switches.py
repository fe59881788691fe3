"""Rule switches: which rules a tenant wants no signals of. Owns where that is kept and what it does to a set of rules."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from watchkeeper.detection import Rule, RuleSet
from watchkeeper.detection.sigma import Correlation
from watchkeeper.model.rule_seen import RuleSwitch
from watchkeeper.store import Store

_Any = TypeVar("_Any", Rule, Correlation)
_NAME = "rule-switch/"


def switch(store: Store, said: RuleSwitch) -> None:
    """Keep a person's word on a rule.

    Raises:
        ValueError: no reason is given.
    """
    if not said.why.strip():
        raise ValueError("say why a rule is switched on or off")
    store.keep_setting(_NAME + hashlib.blake2b(said.rule.encode(), digest_size=16).hexdigest(), said.model_dump_json())


def switches(store: Store) -> Mapping[str, RuleSwitch]:
    """Give the last word on every rule that people switched on or off, by the rule's id."""
    found = (RuleSwitch.model_validate_json(body) for name, body in store.settings().items() if name.startswith(_NAME))
    return {one.rule: one for one in found}


def switched_off(store: Store) -> frozenset[str]:
    """Give the ids of the rules that give no signals."""
    return frozenset(rule for rule, one in switches(store).items() if not one.on)


def without(rules: RuleSet, off: Collection[str]) -> RuleSet:
    """Give the same rules, of which some give no signals: correlations still count what these fire on."""
    if not off:
        return rules
    quiet, counting = (_quiet(one, off) for one in rules.rules), (_quiet(one, off) for one in rules.correlations)
    return replace(rules, rules=tuple(quiet), correlations=tuple(counting))


def _quiet(rule: _Any, off: Collection[str]) -> _Any:
    return replace(rule, emits=False) if rule.id in off else rule

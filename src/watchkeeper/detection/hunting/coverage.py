"""Coverage: which hosts' events can answer which rule. Owns that judgement host by host; for all hosts together it is `reach`'s."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute

from watchkeeper.detection.logsources import LogSources
from watchkeeper.detection.plan import Plans
from watchkeeper.detection.reach import Reach, RuleReach
from watchkeeper.detection.sigma import RuleSet
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource

MOST_HOSTS = 50_000
"""Hosts that are told apart."""
_MOST_LOOKS = 20
"""After so many batches of one log source a host's fields are taken to be known."""
pc: Any = pyarrow.compute  # its shipped types know no tables in these places


@dataclass(slots=True)
class _Seen:
    """What was seen of one log source on one host."""

    looks: int = 0
    fields: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Covered:
    """Who can answer, and who of the same kind cannot."""

    able: tuple[str, ...]
    """Hosts, sorted; an empty name stands for logs that name none."""
    lacking: tuple[str, ...]
    """Hosts, sorted."""
    missing: tuple[str, ...]
    """What a rule needs that is nowhere, in words."""


class Coverage:
    """Looks at batches as they pass; keeps which host's logs have which fields, never events."""

    def __init__(self, ruleset: RuleSet, sources: LogSources) -> None:
        """Take the rules that ask."""
        self._ruleset = ruleset
        self._plans = Plans(ruleset.rules, sources)
        self._reach = Reach(ruleset, sources)
        self._seen: dict[tuple[LogSource, str], _Seen] = {}
        self._able: dict[str, set[str]] = {}
        self._products: dict[str, set[str]] = {}
        self._hosts: set[str] = set()
        self._judged: tuple[RuleReach, ...] | None = None

    def take(self, batch: Batch) -> None:
        """Note what the hosts of a batch have."""
        self._judged = None
        self._reach.observe(batch)
        asked = self._plans.mentioned(batch.logsource)
        for host in cast("list[str]", pc.unique(batch.table.column("_host")).to_pylist()):
            if host not in self._hosts and len(self._hosts) >= MOST_HOSTS:
                continue
            self._hosts.add(host)
            self._products.setdefault(batch.logsource.product.lower(), set()).add(host)
            if asked:
                self._look(batch, host, asked)

    def _look(self, batch: Batch, host: str, asked: Collection[str]) -> None:
        seen = self._seen.setdefault((batch.logsource, host), _Seen())
        if seen.looks >= _MOST_LOOKS:
            return
        seen.looks += 1
        own = batch.table.filter(pc.equal(batch.table.column("_host"), pa.scalar(host)))
        names = [name for name in asked if name in own.column_names and own.column(name).null_count < own.num_rows]
        if seen.looks > 1 and seen.fields.issuperset(names):
            return
        seen.fields = seen.fields.union(names)
        plan = self._plans.plan(batch.logsource, seen.fields, seen.fields)
        for ready in plan.ready:
            self._able.setdefault(ready.rule.id, set()).add(host)

    def of(self, asking: Iterable[str]) -> Covered:
        """Say who can answer at least one of some rules and correlations."""
        rules = {rule for one in asking for rule in self._counted(one, frozenset())}
        products = {rule.source.product for rule in self._ruleset.rules if rule.id in rules}
        able = set[str]().union(*(self._able.get(rule, ()) for rule in rules))
        kin = self._hosts if "" in products else set[str]().union(*(self._products.get(product, ()) for product in products))
        return Covered(tuple(sorted(able)), tuple(sorted(kin - able - {""})), tuple(self._missing(rules)))

    def _missing(self, rules: Collection[str]) -> Iterable[str]:
        if self._judged is None:
            self._judged = self._reach.result()
        for one in self._judged:
            if one.rule in rules and one.status != "reached":
                fields = (" or " if one.alternatives else " and ").join(one.missing)
                yield f"{one.place} without {fields}" if one.status == "field" else fields

    def _counted(self, name: str, above: frozenset[str]) -> Iterable[str]:
        """Give the rules that a correlation counts, to any depth; a rule is its own."""
        correlation = next((one for one in self._ruleset.correlations if one.id == name), None)
        if correlation is None:
            yield name
            return
        for counted in correlation.counted:
            if counted.rule not in above:
                yield from self._counted(counted.rule, above | {name})

"""Loading rules: what is kept is taken as it is, the rest is translated, and then all of it is put together.

Owns what rules, filters and correlations of many files mean together; what one file means stands in `translate`, keeping in `kept`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from watchkeeper.detection.sigma.files import RuleFile, Unread
from watchkeeper.detection.sigma.filters import filtered, idle
from watchkeeper.detection.sigma.kept import Kept
from watchkeeper.detection.sigma.placeholders import NO_VALUES, Placeholders
from watchkeeper.detection.sigma.resolve import carrying, resolved
from watchkeeper.detection.sigma.rule import Correlation, Rule, RuleSet
from watchkeeper.detection.sigma.translated import Translated
from watchkeeper.settings.cache import cache_folder

_Rule = TypeVar("_Rule", Rule, Correlation)


def load_rules(paths: Sequence[Path], kept: Kept | None = None, placeholders: Placeholders = NO_VALUES) -> RuleSet:
    """Load Sigma rules from folders, files and zip archives in SigmaHQ's layout; what is wrong with some does not stop the others.

    Filters are applied to the rules they name. The rules that a correlation counts give no signals by themselves unless it says
    `generate`, as Sigma has it; where it cannot run, they do not run either. What files come to is kept in the user's cache folder
    unless another place is given. Placeholders without values keep rules that ask for them from running.

    Raises:
        FileNotFoundError: a given path does not exist.
        PermissionError: a given path may not be read.
    """
    keeping = Kept(cache_folder() / "rules") if kept is None else kept
    beside = msgspec.msgpack.encode(sorted(placeholders.items())) if placeholders else b""
    translate = partial(_translate, placeholders=placeholders)
    files = [file for path in paths for file in keeping.translated(path, translate, beside)]
    found = [problem for file in files for problem in file.problems]
    if others := sum(file.others for file in files):
        found.append(f"{others:,} YAML documents hold no rule and were left out")
    filters = [one for file in files for one in file.filters]
    loaded = tuple(_distinct([filtered(rule, filters) for file in files for rule in file.rules], found))
    found.extend(f"filter {one.name} ({one.path}): {reason}" for one in filters if (reason := idle(one, loaded)))
    counting = resolved([asked for file in files for asked in file.correlations], loaded)
    found.extend(counting.problems)
    correlations = carrying(tuple(_distinct(counting.correlations, found)))
    rules = tuple(_counting(_running(loaded, counting.lost, counting.silenced, found), correlations, counting.silenced))
    found.extend(keeping.problems)
    return RuleSet(rules, tuple(found), tuple(rule.id for rule in rules if not rule.bounded), correlations)


def _translate(file: RuleFile | Unread, placeholders: Placeholders) -> Translated:
    from watchkeeper.detection.sigma.translate import translate  # noqa: PLC0415 - pySigma takes longer to import than all kept rules to load

    return translate(file, placeholders)


def _running(rules: Sequence[Rule], lost: Mapping[str, str], silenced: Collection[str], found: list[str]) -> Iterator[Rule]:
    """Yield the rules that can still say something: not those that only count within correlations that do not run."""
    for rule in rules:
        correlation = lost.get(rule.id) or lost.get(rule.name)
        if correlation is None or not {rule.id, rule.name}.isdisjoint(silenced):
            yield rule
        else:
            found.append(f"rule {rule.id} ({rule.path}): it only counts within the correlation {correlation}, which does not run")


def _counting(rules: Iterable[Rule], correlations: Sequence[Correlation], silenced: Collection[str]) -> Iterator[Rule]:
    """Tell each rule which of its fields are counted, and whether it gives signals by itself."""
    fields: dict[str, set[str]] = {}
    for correlation in correlations:
        for one in correlation.counted:
            fields.setdefault(one.rule, set()).update(one.group, one.value, correlation.carried)
    for rule in rules:
        counted = frozenset(fields.get(rule.id, ()))
        emits = {rule.id, rule.name}.isdisjoint(silenced)
        yield rule if emits and not counted else replace(rule, emits=emits, counted=counted)


def _distinct(rules: Sequence[_Rule], found: list[str]) -> Iterator[_Rule]:
    """Yield each rule once; another rule that uses the same id runs under an id with a number."""
    seen: dict[str, _Rule] = {}
    repeated = 0
    for rule in rules:
        first = seen.setdefault(rule.id, rule)
        if first is rule:
            yield rule
        elif _meaning(first) == _meaning(rule):
            repeated += 1
        else:
            renamed = replace(rule, id=f"{rule.id}#{sum(one.startswith(rule.id) for one in seen) + 1}")
            seen[renamed.id] = renamed
            found.append(f"rule {rule.id} ({rule.path}): {first.path} has another rule of this id; it runs as {renamed.id}")
            yield renamed
    if repeated:
        found.append(f"{repeated:,} rules were given more than once; each runs once")


def _meaning(rule: Rule | Correlation) -> object:
    return (rule.condition, rule.source) if isinstance(rule, Rule) else replace(rule, path="")

"""Loading rules: every file is tried, what cannot run is said, the others run. Owns the order of the steps and who may run.

Finding files, parsing and wording problems stand each in their own module.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TypeVar

from watchkeeper.detection.sigma import parse, problems
from watchkeeper.detection.sigma.condition import Regex, all_tests
from watchkeeper.detection.sigma.correlation import named, resolved, to_correlation
from watchkeeper.detection.sigma.files import Document, Unread, documents, rule_files
from watchkeeper.detection.sigma.filters import Filter, filtered
from watchkeeper.detection.sigma.regex import is_bounded
from watchkeeper.detection.sigma.rule import Correlation, Rule, RuleSet

_Rule = TypeVar("_Rule", Rule, Correlation)

RETIRED = frozenset({"deprecated", "unsupported"})
"""Rules of these states do not run: the first have a better successor, the second ask for what Sigma cannot say."""


def load_rules(paths: Sequence[Path]) -> RuleSet:
    """Load Sigma rules from folders, files and zip archives in SigmaHQ's layout; what is wrong with some does not stop the others.

    Filters are applied to the rules they name. The rules that a correlation counts give no signals by themselves unless it says
    `generate`, as Sigma has it; where it cannot run, they do not run either.

    Raises:
        FileNotFoundError: a given path does not exist.
        PermissionError: a given path may not be read.
    """
    found: list[str] = []
    given = list(_documents(paths, found))
    filters = [one for document in given if document.kind == "filter" for one in _filter(document, found)]
    loaded = tuple(_distinct([one for document in given if document.kind == "rule" for one in _rule(document, filters, found)], found))
    asking = [(document, _correlation(document, loaded, found)) for document in given if document.kind == "correlation"]
    correlations = tuple(_distinct([one for _, one in asking if one is not None], found))
    lost = {name: document for document, one in asking if one is None for name in _silenced(document)}
    silenced = {name for document, one in asking if one is not None for name in _silenced(document)}
    rules = tuple(_counting(_kept(loaded, lost, silenced, found), correlations, silenced))
    return RuleSet(rules, tuple(found), tuple(rule.id for rule in rules if not _is_bounded(rule)), correlations)


def _documents(paths: Sequence[Path], found: list[str]) -> Iterator[Document]:
    others = 0
    for file in rule_files(paths):
        if isinstance(file, Unread):
            found.append(problems.unread(file))
            continue
        for document in documents(file):
            if document.kind:
                yield document
            else:
                others += 1
    if others:
        found.append(problems.others(others))


def _filter(document: Document, found: list[str]) -> Iterator[Filter]:
    try:
        yield parse.to_filter(document.content)
    except Exception as error:  # noqa: BLE001 - one filter in one document: said, the others go on
        found.append(problems.explain(document, error))


def _correlation(document: Document, rules: Sequence[Rule], found: list[str]) -> Correlation | None:
    try:
        correlation, blemishes = to_correlation(document.content, document.file.path, _fallback(document))
        known = resolved(correlation, rules)
    except Exception as error:  # noqa: BLE001 - one correlation in one document: said, the others go on
        found.append(problems.sentence(document, problems.plain(error), "correlation"))
        return None
    found.extend(problems.blemish(document, error) for error in blemishes)
    return known


def _silenced(document: Document) -> Sequence[str]:
    """Give ids and names of rules that a correlation counts and that give no signals by themselves."""
    names, generates = named(document.content)
    return () if generates else names


def _rule(document: Document, filters: Sequence[Filter], found: list[str]) -> Iterator[Rule]:
    status = str(document.content.get("status", ""))
    if status.lower() in RETIRED:
        found.append(problems.sentence(document, f"its status is {status!r}, so it does not run", "status"))
        return
    try:
        rule, blemishes = parse.to_rule(document.content, document.file.path, _fallback(document))
    except Exception as error:  # noqa: BLE001 - one rule in one document: said, the others go on
        found.append(problems.explain(document, error))
        return
    found.extend(problems.blemish(document, error) for error in blemishes)
    yield filtered(rule, filters)


def _fallback(document: Document) -> str:
    return PurePath(document.file.path).stem + (f"#{document.number}" if document.number > 1 else "")


def _kept(rules: Sequence[Rule], lost: Mapping[str, Document], silenced: Collection[str], found: list[str]) -> Iterator[Rule]:
    """Yield the rules that can still say something: not those that only count within correlations that do not run."""
    for rule in rules:
        correlation = lost.get(rule.id) or lost.get(rule.name)
        if correlation is None or not {rule.id, rule.name}.isdisjoint(silenced):
            yield rule
        else:
            found.append(problems.uncounted(rule, correlation))


def _counting(rules: Iterable[Rule], correlations: Sequence[Correlation], silenced: Collection[str]) -> Iterator[Rule]:
    """Tell each rule which of its fields are counted, and whether it gives signals by itself."""
    fields: dict[str, set[str]] = {}
    for correlation in correlations:
        for one in correlation.counted:
            fields.setdefault(one.rule, set()).update(one.group, one.value)
    for rule in rules:
        emits = {rule.id, rule.name}.isdisjoint(silenced)
        yield replace(rule, emits=emits, counted=frozenset(fields.get(rule.id, ())))


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
            found.append(problems.same_id(rule, first, renamed.id))
            yield renamed
    if repeated:
        found.append(problems.repeated(repeated))


def _meaning(rule: Rule | Correlation) -> object:
    return (rule.condition, rule.source) if isinstance(rule, Rule) else replace(rule, path="")


def _is_bounded(rule: Rule) -> bool:
    return all(is_bounded(test) for test in all_tests(rule.condition) if isinstance(test, Regex))

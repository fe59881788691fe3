"""Loading rules: every file is tried, what cannot run is said, the others run. Owns the order of the steps and who may run.

Finding files, parsing and wording problems stand each in their own module.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import cast

from watchkeeper.detection.sigma import parse, problems
from watchkeeper.detection.sigma.condition import Regex, all_tests
from watchkeeper.detection.sigma.files import Document, Unread, documents, rule_files
from watchkeeper.detection.sigma.parse import Filter
from watchkeeper.detection.sigma.regex import is_bounded
from watchkeeper.detection.sigma.rule import Rule, RuleSet

RETIRED = frozenset({"deprecated", "unsupported"})
"""Rules of these states do not run: the first have a better successor, the second ask for what Sigma cannot say."""


def load_rules(paths: Sequence[Path]) -> RuleSet:
    """Load Sigma rules from folders, files and zip archives in SigmaHQ's layout; what is wrong with some does not stop the others.

    Filters are applied to the rules they name. Correlation rules do not run yet; the rules they count give no signals by themselves
    unless the correlation says `generate`, as Sigma has it.

    Raises:
        FileNotFoundError: a given path does not exist.
        PermissionError: a given path may not be read.
    """
    found: list[str] = []
    given = list(_documents(paths, found))
    filters = [one for document in given if document.kind == "filter" for one in _filter(document, found)]
    counted = {name: document for document in given if document.kind == "correlation" for name in _counted(document, found)}
    rules = [one for document in given if document.kind == "rule" for one in _rule(document, filters, counted, found)]
    distinct = tuple(_distinct(rules, found))
    return RuleSet(distinct, tuple(found), tuple(rule.id for rule in distinct if not _is_bounded(rule)))


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


def _counted(document: Document, found: list[str]) -> Sequence[str]:
    """Give ids and names of rules that a correlation counts and that give no signals by themselves."""
    found.append(problems.sentence(document, "correlation rules do not run yet", "correlation"))
    correlation = cast("dict[str, object]", document.content["correlation"] or {})
    named = cast("str | list[object]", () if correlation.get("generate") else correlation.get("rules", ()))
    return [named] if isinstance(named, str) else [str(one) for one in named]


def _rule(document: Document, filters: Sequence[Filter], counted: Mapping[str, Document], found: list[str]) -> Iterator[Rule]:
    content = document.content
    status = str(content.get("status", ""))
    if status.lower() in RETIRED:
        found.append(problems.sentence(document, f"its status is {status!r}, so it does not run", "status"))
        return
    correlation = next((counted[name] for key in ("id", "name") if (name := str(content.get(key))) in counted), None)
    if correlation is not None:
        found.append(problems.sentence(document, f"it only counts within the correlation {correlation.name}, which does not run yet"))
        return
    fallback = PurePath(document.file.path).stem + (f"#{document.number}" if document.number > 1 else "")
    try:
        rule, blemishes = parse.to_rule(content, document.file.path, fallback, filters)
    except Exception as error:  # noqa: BLE001 - one rule in one document: said, the others go on
        found.append(problems.explain(document, error))
        return
    found.extend(problems.blemish(document, error) for error in blemishes)
    yield rule


def _distinct(rules: Sequence[Rule], found: list[str]) -> Iterator[Rule]:
    """Yield each rule once; another rule that uses the same id runs under an id with a number."""
    seen: dict[str, Rule] = {}
    repeated = 0
    for rule in rules:
        first = seen.setdefault(rule.id, rule)
        if first is rule:
            yield rule
        elif (first.condition, first.source) == (rule.condition, rule.source):
            repeated += 1
        else:
            renamed = replace(rule, id=f"{rule.id}#{sum(one.startswith(rule.id) for one in seen) + 1}")
            seen[renamed.id] = renamed
            found.append(problems.same_id(rule, first, renamed.id))
            yield renamed
    if repeated:
        found.append(problems.repeated(repeated))


def _is_bounded(rule: Rule) -> bool:
    return all(is_bounded(test) for test in all_tests(rule.condition) if isinstance(test, Regex))

"""Translating one rule file: every document is tried, what cannot run is said, the others run. Owns the order of the steps and who may run.

It is slow, for it brings in pySigma, and pure: only the file and the placeholders decide what comes out, so that it can be kept. What
rules and files mean together stands in `load`.
"""

from dataclasses import replace
from pathlib import PurePath

from watchkeeper.detection.sigma import parse, problems
from watchkeeper.detection.sigma.condition import Condition, Regex, all_tests
from watchkeeper.detection.sigma.correlation import named, to_correlation
from watchkeeper.detection.sigma.documents import Document, documents, parsed
from watchkeeper.detection.sigma.files import RuleFile, Unread
from watchkeeper.detection.sigma.filters import Filter
from watchkeeper.detection.sigma.placeholders import NO_VALUES, Placeholders
from watchkeeper.detection.sigma.regex import is_bounded
from watchkeeper.detection.sigma.rule import Rule
from watchkeeper.detection.sigma.translated import Asked, Translated

RETIRED = frozenset({"deprecated", "unsupported"})
"""Rules of these states do not run: the first have a better successor, the second ask for what Sigma cannot say."""


def translate(file: RuleFile | Unread, placeholders: Placeholders = NO_VALUES) -> Translated:
    """Give what a file comes to; a file or document that cannot be understood is a problem, not an error."""
    known = parsed(file) if isinstance(file, RuleFile) else file
    if isinstance(known, Unread):
        return Translated(problems=(problems.unread(known),))
    given = list(documents(known))
    found = [problem for document in given if document.kind for problem in problems.repeated(document)]
    return Translated(
        rules=tuple(
            one for one in (_rule(document, placeholders, found) for document in given if document.kind == "rule") if one is not None
        ),
        filters=tuple(
            one for one in (_filter(document, placeholders, found) for document in given if document.kind == "filter") if one is not None
        ),
        correlations=tuple(_correlation(document, found) for document in given if document.kind == "correlation"),
        others=sum(not document.kind and not document.is_hunt for document in given),
        problems=tuple(found),
    )


def _is_retired(document: Document, found: list[str]) -> bool:
    status = str(document.content.get("status", ""))
    if status.lower() in RETIRED:
        found.append(problems.sentence(document, f"its status is {status!r}, so it does not run", "status"))
        return True
    return False


def _rule(document: Document, placeholders: Placeholders, found: list[str]) -> Rule | None:
    if _is_retired(document, found):
        return None
    try:
        rule, blemishes = parse.to_rule(document.content, document.file.path, _fallback(document), placeholders)
    except Exception as error:  # noqa: BLE001 - one rule in one document: said, the others go on
        found.append(problems.explain(document, error, placeholders))
        return None
    found.extend(problems.blemish(document, error) for error in blemishes)
    return rule if _bounded(rule.condition) else replace(rule, bounded=False)


def _filter(document: Document, placeholders: Placeholders, found: list[str]) -> Filter | None:
    try:
        one = parse.to_filter(document.content, placeholders)
    except Exception as error:  # noqa: BLE001 - one filter in one document: said, the others go on
        found.append(problems.explain(document, error, placeholders))
        return None
    return replace(one, bounded=_bounded(one.condition), name=document.name, path=document.file.path)


def _correlation(document: Document, found: list[str]) -> Asked:
    names, generates = named(document.content)
    asked = Asked(document.name, problems.place(document, "correlation"), () if generates else tuple(names), None)
    if _is_retired(document, found):
        return asked
    try:
        correlation, blemishes = to_correlation(document.content, document.file.path, _fallback(document))
    except Exception as error:  # noqa: BLE001 - one correlation in one document: said, the others go on
        found.append(problems.sentence(document, problems.plain(error), "correlation"))
        return asked
    found.extend(problems.blemish(document, error) for error in blemishes)
    return replace(asked, correlation=correlation)


def _fallback(document: Document) -> str:
    return PurePath(document.file.path).stem + (f"#{document.number}" if document.number > 1 else "")


def _bounded(condition: Condition) -> bool:
    return all(is_bounded(test) for test in all_tests(condition) if isinstance(test, Regex))

"""Review: what an author should know of their rules before they run. Owns what is looked for and how grave it is.

What cannot run is found by loading, as always; beside it stand rules that run and yet can never fire, or not as they are meant.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from watchkeeper.detection.known_fields import known_fields
from watchkeeper.detection.logsources import LogSources, log_sources
from watchkeeper.detection.routing import Place, Places, asked_in_words, in_words
from watchkeeper.detection.sigma import Correlation, Rule, RuleSet
from watchkeeper.detection.sigma.condition import Regex, all_tests, fields
from watchkeeper.detection.sigma.documents import Document, documents, parsed
from watchkeeper.detection.sigma.files import Unread, rule_files
from watchkeeper.detection.sigma.places import line_of, line_of_value
from watchkeeper.detection.sigma.regex import is_bounded
from watchkeeper.detection.sigma.translate import RETIRED

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""An error: it does not run. A warning: it runs, and not as its author means. A note: worth knowing, nothing to mend."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that an author should know."""

    severity: Severity
    kind: str
    """Stable name of what it is about."""
    path: str
    """File it stands in; empty if it is about all of them."""
    line: int | None
    """1-based; none if it is about the whole file."""
    rule: str
    """Id of the rule, or its title or place if it has none; empty if it is about no one rule."""
    what: str
    """What it is."""
    mend: str
    """What to do."""


@dataclass(frozen=True, slots=True)
class Review:
    """What was found in a set of rules."""

    findings: tuple[Finding, ...]
    """By file and line."""
    rules: int
    """Rules, filters and correlations that were looked at."""
    broken: int
    """Those of them that do not run."""

    def count(self, severity: Severity) -> int:
        """Say how many findings are that grave."""
        return sum(finding.severity == severity for finding in self.findings)


def review(paths: Sequence[Path], ruleset: RuleSet, sources: LogSources | None = None) -> Review:
    """Review what stands in the paths, from which the rule set was loaded.

    Raises:
        OSError: a path may not be read.
    """
    look = _Look(ruleset, Places(sources or log_sources()))
    found: list[Finding] = []
    said = _Said(ruleset.problems)
    rules, broken = 0, 0
    for document in _documents(paths):
        rules += 1
        errors = [look.problem(document, line, reason) for line, reason in said.of(document)]
        errors += [_warning(document, "idle-filter", "filter", reason, "name rules that are there") for reason in said.of_filter(document)]
        broken += any(finding.severity == "error" for finding in errors)
        found.extend(errors)
        found.extend(() if any(finding.severity == "error" for finding in errors) else look.rule(document))
    found.extend(_elsewhere(said))
    return Review(tuple(sorted(found, key=lambda one: (one.path, one.line or 0, one.kind))), rules, broken)


def _documents(paths: Sequence[Path]) -> Iterator[Document]:
    for path in paths:
        for file in rule_files(path):
            read = file if isinstance(file, Unread) else parsed(file)
            if not isinstance(read, Unread):
                yield from (document for document in documents(read) if document.kind)


class _Said:
    """What loading said, by what it said it of."""

    _PLACE = re.compile(r"(?:, line (?P<line>\d+))?\): ")
    _UNREAD = re.compile(r"cannot read rules from (?P<path>.+?)(?:, line (?P<line>\d+))?: (?P<reason>.*)", re.DOTALL)

    def __init__(self, problems: Sequence[str]) -> None:
        self._of: dict[str, list[tuple[int | None, str]]] = {}
        self._whole: dict[str, list[str]] = {}
        for problem in problems:
            for place in self._PLACE.finditer(problem):
                line = int(place["line"]) if place["line"] else None
                self._of.setdefault(problem[: place.start()], []).append((line, problem[place.end() :]))
                self._whole.setdefault(problem[: place.start()], []).append(problem)
        self._left = dict.fromkeys(problems)

    def of(self, document: Document) -> list[tuple[int | None, str]]:
        """Give line and reason of each problem of a document."""
        names = dict.fromkeys((document.name, Path(document.file.path).stem))
        return [pair for name in names for pair in self._taken(f"rule {name} ({document.file.path}")]

    def of_filter(self, document: Document) -> list[str]:
        """Give why a filter does nothing."""
        return [reason for _, reason in self._taken(f"filter {document.name} ({document.file.path}")]

    def _taken(self, begun: str) -> list[tuple[int | None, str]]:
        for problem in self._whole.get(begun, ()):
            self._left.pop(problem, None)
        return self._of.pop(begun, [])

    def left(self) -> Iterator[tuple[str, int | None, str, bool]]:
        """Yield path, line and reason of each problem that is of no document, and whether a whole file could not be read."""
        for problem in self._left:
            unread = self._UNREAD.fullmatch(problem)
            if unread is None:
                yield "", None, problem, False
            else:
                yield unread["path"], int(unread["line"]) if unread["line"] else None, unread["reason"], True


def _elsewhere(said: _Said) -> Iterator[Finding]:
    for path, line, reason, unread in said.left():
        if unread:
            yield Finding("error", "unreadable", path, line, "", reason, "mend the file or take it out; nothing in it runs")
        else:
            yield Finding("note", "set", "", None, "", reason, "nothing, if that is meant")


class _Look:
    """Looks at one document after the other."""

    def __init__(self, ruleset: RuleSet, places: Places) -> None:
        self._places = places
        self._unbounded = frozenset(ruleset.unbounded)
        self._running: dict[tuple[str, str], Rule | Correlation] = {}
        for rule in (*ruleset.rules, *ruleset.correlations):
            for name in (rule.id, rule.id.partition("#")[0], rule.title):
                self._running.setdefault((rule.path, name), rule)
        self._known = lru_cache(maxsize=None)(self._known_now)

    def problem(self, document: Document, line: int | None, reason: str) -> Finding:
        """Say how grave a problem is: whether its rule runs all the same decides."""
        path, name = document.file.path, document.name
        if self._of(document) is not None and document.kind != "filter":
            return Finding("warning", "blemish", path, line, name, reason, "mend it, so that other tools take the rule too")
        if str(document.content.get("status", "")).lower() in RETIRED:
            return Finding("note", "retired", path, line, name, reason, "nothing; set another status if it is to run")
        return Finding("error", "broken", path, line, name, reason, f"mend it; until then this {document.kind} does not run")

    def rule(self, document: Document) -> Iterator[Finding]:
        """Yield what there is to say of a rule that runs."""
        rule = self._of(document)
        if document.kind == "rule":
            yield from _unused(document)
            if "id" not in document.content:
                yield _warning(
                    document, "no-id", "title", "it has no id", "give it a new UUID, so that it stays the same rule when its file moves"
                )
        if isinstance(rule, Rule) and document.kind == "rule":
            yield from self._patterns(document, rule)
            yield from self._reach(document, rule)

    def _of(self, document: Document) -> Rule | Correlation | None:
        return self._running.get((document.file.path, document.name))

    def _patterns(self, document: Document, rule: Rule) -> Iterator[Finding]:
        if rule.id not in self._unbounded:
            return
        for pattern in dict.fromkeys(
            test.pattern for test in all_tests(rule.condition) if isinstance(test, Regex) and not is_bounded(test)
        ):
            line = line_of_value(document, "detection", pattern)
            what = f"the pattern {pattern[:120]!r} needs an engine that may take very long on a crafted value"
            mend = "write it without look-around and back references; until then it runs under a time limit"
            yield Finding("warning", "slow-pattern", document.file.path, line, document.name, what, mend)

    def _reach(self, document: Document, rule: Rule) -> Iterator[Finding]:
        places = self._places.of(rule.source)
        if not places:
            what = f"no log source is known by {asked_in_words(rule.source)}, so it never fires"
            yield _warning(document, "no-log-source", "logsource", what, "correct the log source")
            return
        judged = tuple(place for place in places if not place.route.product) or places  # another product's events are no measure
        plans = (self._places.plan(rule, place) for place in judged)
        ready = [one for plan in plans for one in plan.ready]
        if not ready:
            what = f"what it asks for contradicts its log source ({asked_in_words(rule.source)}), so it never fires"
            yield _warning(document, "never-fires", "condition", what, "correct the condition or the log source")
        elif all(one.left is True for one in ready):
            what = f"it asks for no more than its log source ({asked_in_words(rule.source)}), so it fires on every event of it"
            yield replace(_warning(document, "always-fires", "condition", what, "nothing, if that is meant"), severity="note")
        yield from self._misspelt(document, rule, judged)

    def _misspelt(self, document: Document, rule: Rule, places: tuple[Place, ...]) -> Iterator[Finding]:
        known = self._known(places)
        if known is None:
            return
        for field in sorted(fields(rule.condition) - known):
            near = difflib.get_close_matches(field, known, n=1)
            sources = ", ".join(dict.fromkeys(in_words(place.source) for place in places))
            what = f"no event that it reads ({sources}) has a field {field!r}"
            yield Finding("warning", "unknown-field", document.file.path, _line_of_field(document, field), document.name, what,
                          f"did you mean {near[0]!r}?" if near else "correct the field or the log source")  # fmt: skip

    @staticmethod
    def _known_now(places: tuple[Place, ...]) -> frozenset[str] | None:
        """Give the fields of all places together; none if the fields of any of them are not known."""
        all_known = [known_fields(place) for place in places]
        known = [one for one in all_known if one is not None]
        return frozenset[str]().union(*known) if len(known) == len(all_known) else None


def _warning(document: Document, kind: str, key: str, what: str, mend: str) -> Finding:
    line = line_of(document, "detection", "condition") if key == "condition" else line_of(document, key)
    return Finding("warning", kind, document.file.path, line, document.name, what, mend)


def _unused(document: Document) -> Iterator[Finding]:
    found: Any = document.content.get("detection")
    detection = cast("dict[object, object]", found) if isinstance(found, dict) else {}
    said: Any = detection.get("condition")
    conditions = cast("list[object]", said) if isinstance(said, list) else [said]
    words = {word for condition in conditions for word in re.findall(r"[^\s()|]+", str(condition))}
    for name in detection:
        if not isinstance(name, str) or name in {"condition", "timeframe"}:
            continue
        if not any(fnmatchcase(name, word) or (word.lower() == "them" and not name.startswith("_")) for word in words):
            line = line_of(document, "detection", name)
            what = f"the condition never names {name!r}, so what it says does not count"
            yield Finding("warning", "unused", document.file.path, line, document.name, what, "name it in the condition or take it out")


def _line_of_field(document: Document, field: str) -> int | None:
    """Find a field in the text of the rule, with or without modifiers behind it."""
    pattern = re.compile(rf"^[\s\-'\"]*{re.escape(field)}['\"]?\s*[|:]", re.MULTILINE)
    start = line_of(document, "detection") or 1
    lines = document.file.text.splitlines()
    return next((number for number, line in enumerate(lines[start:], start + 1) if pattern.match(line)), start)

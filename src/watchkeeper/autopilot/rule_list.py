"""Rules in a list: what they are, whether they give signals, and how they did. Owns narrowing and which rules are in force."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from watchkeeper.autopilot.gathering import rules_of
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.rule_switches import switches
from watchkeeper.correlation import records
from watchkeeper.correlation.trust import trust
from watchkeeper.detection import Rule, RuleSet
from watchkeeper.detection.sigma import Correlation
from watchkeeper.model.level import LEVELS
from watchkeeper.model.missing import MissingError
from watchkeeper.model.page import Page, cursor, place
from watchkeeper.model.record import RuleTrust
from watchkeeper.model.rule_seen import RuleFilter, RuleLine, RuleSwitch
from watchkeeper.store import Store

OURS = Options(paths=())
"""Only the rules that come with Watchkeeper run."""
_SHORTEST_ID = 6


@dataclass(frozen=True, slots=True)
class _Known:
    """What a tenant's people said of rules."""

    switches: Mapping[str, RuleSwitch]
    trusts: Mapping[str, RuleTrust]

    def line(self, rule: Rule | Correlation) -> RuleLine:
        said = self.switches.get(rule.id)
        source = rule.source if isinstance(rule, Rule) else None
        return RuleLine(
            id=rule.id,
            title=rule.title,
            level=rule.level,
            kind="rule" if source else "correlation",
            product=source.product if source else "",
            category=source.category if source else "",
            service=source.service if source else "",
            techniques=rule.techniques,
            tactics=rule.tactics,
            file=Path(rule.path.replace("!", "/")).name,
            on=said is None or said.on,
            switch=said,
            record=self.trusts.get(rule.id),
        )


def rules_in_force(options: Options) -> RuleSet:
    """Give the rules that run; they are loaded anew when a file or folder of them is otherwise.

    Raises:
        OSError: a path cannot be read.
        ValueError: the placeholders cannot be used.
    """
    return _loaded(options, tuple(path.stat().st_mtime_ns for path in options.rules))


@lru_cache(maxsize=4)
def _loaded(options: Options, _: tuple[int, ...]) -> RuleSet:
    return rules_of(options)


def rule_list(store: Store, rules: RuleSet, wanted: RuleFilter, after: str, limit: int) -> Page[RuleLine]:
    """Give the rules that a filter lets through, by title, so many after a cursor.

    Raises:
        ValueError: the cursor is none of this list.
    """
    begins = place(after, str, str) if after else ("", "")
    known = _known(store)
    found = sorted((line for line in _narrowed(rules, known, wanted) if _key(line) > begins), key=_key)
    page = found[:limit]
    return Page(items=tuple(page), next=cursor(*_key(page[-1])) if len(found) > limit else "")


def _key(line: RuleLine) -> tuple[str, str]:
    """Give its place in the list, short enough for a cursor."""
    return line.title[:40], line.id[:64]


def rule_line(store: Store, rules: RuleSet, name: str) -> RuleLine:
    """Give the rule of that id, or that title.

    Raises:
        MissingError: there is none, or more than one.
    """
    return _known(store).line(rule_named(rules, name))


def rule_named(rules: RuleSet, name: str) -> Rule | Correlation:
    """Give the rule of that id, title or beginning of an id.

    Raises:
        MissingError: there is none, or more than one.
    """
    wanted = name.casefold()
    every = (*rules.rules, *rules.correlations)
    found = [one for one in every if wanted in {one.id.casefold(), one.title.casefold()}]
    if not found and len(wanted) >= _SHORTEST_ID:
        found = [one for one in every if one.id.casefold().startswith(wanted)]
    if len(found) != 1:
        raise MissingError(f"{len(found)} rules in force are called {name[:200]!r}; the list of rules has their ids")
    return found[0]


def _known(store: Store) -> _Known:
    trusts = {one.rule: RuleTrust(record=one, trust=trust(one)) for one in records(store.feedback()).values()}
    return _Known(switches(store), trusts)


def _narrowed(rules: RuleSet, known: _Known, wanted: RuleFilter) -> Iterator[RuleLine]:
    text = wanted.text.casefold()
    for rule in (*rules.rules, *rules.correlations):
        line = known.line(rule)
        tests = (
            not text or text in line.title.casefold() or text in line.id.casefold(),
            wanted.level is None or LEVELS.index(line.level) >= LEVELS.index(wanted.level),
            not wanted.product or line.product == wanted.product.lower(),
            not wanted.technique or any(one == wanted.technique or one.startswith(f"{wanted.technique}.") for one in line.techniques),
            wanted.on is None or line.on == wanted.on,
            wanted.judged is None or (line.record is not None) == wanted.judged,
        )
        if all(tests):
            yield line

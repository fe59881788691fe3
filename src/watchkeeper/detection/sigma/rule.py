"""Rule and RuleSet: detection rules ready to be run. Owns the shapes; reading them stands in `load`, `parse` and `files`."""

from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import blake2b
from typing import Literal

import msgspec

from watchkeeper.detection.sigma.condition import Condition, Operator
from watchkeeper.model.level import Level

Kind = Literal["event_count", "value_count", "value_sum", "value_avg", "value_median", "value_percentile", "temporal", "temporal_ordered"]
"""What a correlation looks at: how many events, different values or rules, or what a field's numbers come to."""


@dataclass(frozen=True, slots=True)
class SigmaSource:
    """The kind of log a rule is about, in Sigma's words; empty means any."""

    product: str = ""
    category: str = ""
    service: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what it is, which logs it reads, and what it asks of an event."""

    id: str
    """UUID as its author gave it; without one, its file's name and place in the file."""
    title: str
    level: Level
    source: SigmaSource
    condition: Condition
    """Several conditions of one rule are joined with or."""
    techniques: tuple[str, ...]
    """ATT&CK technique ids, upper case."""
    tactics: tuple[str, ...]
    """ATT&CK tactics by short name."""
    path: str
    """File it stands in (`archive.zip!member` inside an archive)."""
    name: str = ""
    """What correlations may call it beside its id."""
    emits: bool = True
    """Whether it gives signals by itself; else it only counts within correlations."""
    counted: frozenset[str] = frozenset()
    """Fields that correlations read from the events it fires on."""
    bounded: bool = True
    """Whether all its regular expressions run in bounded time."""


@dataclass(frozen=True, slots=True)
class Counted:
    """One rule whose events a correlation counts, and where it finds what it needs in them."""

    rule: str
    """Id of the rule; as it comes out of the parser, any name of it."""
    group: tuple[str, ...]
    """Fields to group by, in the order of `Correlation.group`."""
    value: tuple[str, ...]
    """Fields whose values are counted or measured, in the order of `Correlation.value`."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a measured number must be."""

    operator: Operator
    number: int | float


@dataclass(frozen=True, slots=True)
class Correlation:
    """A rule about many events: how many of a group, or how much of something, within a time."""

    id: str
    """UUID as its author gave it; without one, its file's name and place in the file."""
    title: str
    level: Level
    kind: Kind
    counted: tuple[Counted, ...]
    """What it counts, in the order its author gives; a rule, or another correlation."""
    group: tuple[str, ...]
    """Fields to group by, as the author calls them; none makes all events one group."""
    value: tuple[str, ...]
    """Fields to count or measure, as the author calls them; several count as one value; none where events or rules are counted."""
    timespan: timedelta
    bounds: tuple[Bound, ...]
    """What its number must be: all of them hold."""
    generate: bool
    """Whether the counted rules give signals by themselves too."""
    techniques: tuple[str, ...]
    """ATT&CK technique ids, upper case."""
    tactics: tuple[str, ...]
    """ATT&CK tactics by short name."""
    path: str
    """File it stands in (`archive.zip!member` inside an archive)."""
    name: str = ""
    """What other correlations may call it beside its id."""
    percentile: int | float = 50
    """Which part of the values, in percent, lies below the number, for `value_percentile`."""
    wanted: Condition | None = None
    """For `temporal` kinds: which of the counted rules must have fired, each as the presence of its name."""
    emits: bool = True
    """Whether it gives signals by itself; else it only counts within other correlations."""
    carried: tuple[str, ...] = ()
    """Fields beyond `group` that other correlations read from the events it fires on."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that can run, and what is wrong with the others."""

    rules: tuple[Rule, ...]
    problems: tuple[str, ...] = ()
    """What cannot run or runs with reserve, one sentence each with file, line and reason."""
    unbounded: tuple[str, ...] = ()
    """Ids of rules with a regular expression that only a backtracking engine understands; a crafted value may slow these down."""
    correlations: tuple[Correlation, ...] = ()
    """Rules about many events; each counts what some of `rules` fire on."""


def meaning(rule: Rule | Correlation) -> str:
    """Give a digest of what a rule asks for, 32 hex digits; its texts and where it stands play no part."""
    asked = (rule.condition, rule.source) if isinstance(rule, Rule) else replace(rule, path="", title="", techniques=(), tactics=())
    return blake2b(msgspec.msgpack.encode(asked), digest_size=16).hexdigest()

"""Rule and RuleSet: detection rules ready to be run. Owns the shapes; reading them stands in `load`, `parse` and `files`."""

from dataclasses import dataclass

from watchkeeper.detection.sigma.condition import Condition
from watchkeeper.model.signal import Level


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


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules that can run, and what is wrong with the others."""

    rules: tuple[Rule, ...]
    problems: tuple[str, ...] = ()
    """What cannot run or runs with reserve, one sentence each with file, line and reason."""
    unbounded: tuple[str, ...] = ()
    """Ids of rules with a regular expression that only a backtracking engine understands; a crafted value may slow these down."""

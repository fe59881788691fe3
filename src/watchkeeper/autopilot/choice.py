"""Choice: which rules a person means, with the placeholders and log sources that go with them. Owns loading these together."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from watchkeeper.detection import RuleSet, load_rules
from watchkeeper.detection.logsources import LogSources, log_sources
from watchkeeper.detection.sigma.placeholder_file import read_placeholders
from watchkeeper.detection.sigma.placeholders import NO_VALUES


@dataclass(frozen=True, slots=True)
class Choice:
    """Rules as a person gives them."""

    paths: tuple[Path, ...] = ()
    """Folders, files and zips of rules."""
    placeholders: Path | None = None
    """A YAML file with the values of placeholders in rules."""
    log_sources: tuple[Path, ...] = ()
    """YAML files that add to the table of log sources; the later wins."""

    def load(self, paths: Sequence[Path]) -> RuleSet:
        """Load rules from other paths with the same placeholders.

        Raises:
            OSError: a path cannot be read.
            ValueError: the placeholders cannot be used.
        """
        return load_rules(paths, placeholders=read_placeholders(self.placeholders) if self.placeholders else NO_VALUES)

    def ruleset(self) -> RuleSet:
        """Load the rules.

        Raises:
            OSError: a path cannot be read.
            ValueError: the placeholders cannot be used.
        """
        return self.load(self.paths)

    def sources(self) -> LogSources:
        """Read the table of log sources.

        Raises:
            OSError: a file that adds to it cannot be read.
            ValueError: one is not of that form.
        """
        return log_sources(*self.log_sources)

"""What a person asked for on the command line. Owns bundling the options that commands share."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from watchkeeper.autopilot import Options
from watchkeeper.autopilot.choice import Choice
from watchkeeper.autopilot.content_folder import LOG_SOURCES, RULES, installed, kind_files, kind_folder
from watchkeeper.autopilot.options import Engine
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.settings import read_settings

INSTALLED = Path("installed")
"""What a person writes for the rules that `rules update` or `content install` installed."""


def options(
    evidence: Sequence[Path],
    rules: Sequence[Path] | None,
    own_rules: bool,
    assets: Path | None,
    mapping: str | None,
    batch_rows: int,
    engine: str = "fused",
) -> Options:
    """Bundle the options that `investigate` and `detect` share."""
    with plain_errors():
        chosen = rule_paths(rules)
        known = cast("Engine", one_of("engine", engine, get_args(Engine)))
    return Options(
        paths=tuple(evidence), rules=chosen, own_rules=own_rules, assets=assets, mapping=mapping, batch_rows=batch_rows, engine=known
    )


def with_intelligence(asked: Options, state: Path | None, watchlists: Path | None, no_intel: bool) -> Options:
    """Add what is installed of intelligence, unless it is not wanted, and the organisation's watchlists."""
    with plain_errors():
        intel = None if no_intel else read_settings(state).state / "intel"
    return replace(asked, intel=intel, watchlists=watchlists)


def choice(rules: Sequence[Path] | None, placeholders: Path | None, log_sources: Path | None, into: Path | None = None) -> Choice:
    """Bundle what a person says of rules.

    Raises:
        OSError: no rules are installed.
        ValueError: the folder of installed rules is damaged.
    """
    return Choice(rule_paths(rules, into), placeholders, log_source_files(log_sources, into))


def log_source_files(given: Path | None, into: Path | None = None) -> tuple[Path, ...]:
    """Give the files that add to the table of log sources: the installed ones, then the person's own, which wins."""
    with plain_errors():
        return (*kind_files(read_settings(rules=into).rules, LOG_SOURCES), *((given,) if given else ()))


def own_sources(sources: Sequence[Path] | None, state: Path | None) -> tuple[Path, ...]:
    """Give the files and folders of a person's own sources: those that are given, then the folder `sources` of the state folder."""
    kept = read_settings(state).state / "sources"
    return (*(sources or ()), *((kept,) if kept.is_dir() else ()))


def own_store(state: Path | None) -> Path | str | None:
    """Give where the state database is, if a person named the state folder."""
    with plain_errors():
        return None if state is None else read_settings(state).store


def installed_if_any() -> list[Path]:
    """Give what stands for the installed rules, if there are any.

    Raises:
        ValueError: the folder of installed rules is damaged.
    """
    return [INSTALLED] if kind_folder(read_settings().rules, RULES) else []


def rule_paths(rules: Sequence[Path] | None, into: Path | None = None) -> tuple[Path, ...]:
    """Give the paths to load rules from; `installed` stands for the version in force and the person's own beside it.

    Raises:
        OSError: no rules are installed.
        ValueError: the folder of installed rules is damaged.
    """
    return tuple(path for one in rules or () for path in (installed(read_settings(rules=into).rules) if one == INSTALLED else (one,)))

"""`watchkeeper intel import` and `intel allow import`. Owns what is said of an import; doing it is the autopilot's."""

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast, get_args

import typer

from watchkeeper.autopilot.intel_import import ImportDone, Wanted, import_files
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.reopened import say_how_many
from watchkeeper.detection.intel.canon import Defaults
from watchkeeper.detection.intel.formats import Ask
from watchkeeper.detection.intel.formats.table import MEANINGS
from watchkeeper.detection.intel.installed import install_allow
from watchkeeper.detection.intel.warninglists import Imported, read_warninglists
from watchkeeper.model.indicator import Tlp
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store

_MOST_FILES = 10


def defaults(source: str, confidence: int, tlp: str, labels: Sequence[str], valid_days: int | None, private: bool) -> Defaults:
    """Bundle what holds of indicators that do not say otherwise."""
    with plain_errors():
        level = cast("Tlp", one_of("tlp", tlp, get_args(Tlp)))
    until = datetime.now(UTC) + timedelta(days=valid_days) if valid_days else None
    return Defaults(source, confidence, level, tuple(labels), until, private)


def run(files: Sequence[Path], given: Defaults, columns: Sequence[str], name: str, replace: bool, state: Path | None) -> None:
    """Import and say what came of it."""
    with plain_errors():
        wanted = Wanted(given, Ask(_columns(columns)), name, replace)
        done = import_files(files, wanted, intel_folder(state), datetime.now(UTC))
        with closing(open_store(read_settings(state).store)) as store:
            say_how_many(store, intel_folder(state))
    say(done)


def allow(archive: Path, leave_out: Sequence[str], state: Path | None) -> None:
    """Install allow-lists and say which."""
    with plain_errors():
        read = read_warninglists(archive, frozenset(leave_out))
        install_allow(intel_folder(state), read.lists, frozenset(leave_out))
    say_lists(read)


def intel_folder(state: Path | None) -> Path:
    """Give the folder of installed intelligence."""
    return read_settings(state).state / "intel"


def say_lists(read: Imported) -> None:
    """Say which allow-lists are in force, and what of them cannot be used."""
    typer.echo(f"{len(read.lists.lists):,} allow-lists with {read.lists.entries.num_rows:,} entries are in force")
    _say_counts(read.skipped)


def say(done: ImportDone) -> None:
    """Say what an import did, and what of each file is no indicator here; exit code 1 if a file was in no known format."""
    for file in done.files[:_MOST_FILES]:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in file.account.kinds.most_common()) or "nothing"
        typer.echo(harmless(f"{file.name} ({file.format or 'unknown'}): {kinds}"))
    if len(done.files) > _MOST_FILES:
        typer.echo(f"and {len(done.files) - _MOST_FILES:,} more files")
    refused = sum((file.account.refused for file in done.files), Counter[str]())
    _say_counts(refused)
    for reason in list(refused)[:5]:
        example = next((file.account.examples[reason][0] for file in done.files if file.account.examples.get(reason)), "")
        typer.echo(harmless(f"  such as: {example[:160]}"), err=True)
    merged = done.merged
    typer.echo(f"{merged.added:,} new, {merged.changed:,} changed, {merged.same:,} as they were, {merged.removed:,} removed")
    if any(not file.format for file in done.files):
        raise typer.Exit(1)


def _columns(given: Sequence[str]) -> dict[str, str]:
    """Read `value=ioc`.

    Raises:
        ValueError: one of them is not written so.
    """
    pairs = [text.partition("=") for text in given]
    wrong = [text for text, (meaning, _, name) in zip(given, pairs, strict=True) if meaning not in MEANINGS or not name]
    if wrong:
        raise ValueError(f"--column {wrong[0]!r} is not understood; write one of {', '.join(MEANINGS)}, then = and the column's name")
    return {meaning: name for meaning, _, name in pairs}


def _say_counts(counts: Counter[str]) -> None:
    for reason, count in counts.most_common():
        typer.echo(harmless(f"{count:,} left out: {reason}"), err=True)

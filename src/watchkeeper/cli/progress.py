"""A progress bar on a terminal, silence in a pipe. Owns the drawing."""

import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from watchkeeper.autopilot.options import Progress as Told

_SAID = {
    "rules": "Loading rules",
    "read": "Reading and detecting",
    "correlate": "Correlating",
    "follow": "Following incidents",
    "report": "Writing",
}


@contextmanager
def shown_progress(paths: Sequence[Path]) -> Generator[Told]:
    """Give a function that is told how far it is; on a terminal it draws on standard error."""
    console = Console(stderr=True)
    if not console.is_terminal or not sys.stderr.isatty():
        yield lambda _, __: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Reading", total=_size(paths) or None)

        def told(what: str, done: int) -> None:
            bar.update(task, description=_SAID[what], completed=done if what == "read" else None)

        yield told


def _size(paths: Sequence[Path]) -> int:
    files = (file for path in paths for file in ([path] if path.is_file() else path.rglob("*")))
    return sum(file.stat().st_size for file in files if file.is_file())

"""Scanning: every event of a body of evidence, once, wherever it is kept. Owns telling files from a case; what is done with it is others'.

Who wants all events asks through a `Scan`, so that a lake can answer where files and cases do now.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.replay import kept_batches
from watchkeeper.autopilot.retelling import read_case
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch
from watchkeeper.model.sourceread import SourceRead

Scan = Callable[[], Iterator[Batch | SourceRead]]
"""Gives every event, in batches of one log source, and what became of each source."""


def scan_of(options: Options) -> Scan:
    """Give the way to all events of what a person names: a case's kept events, else files and folders."""
    case = case_in(options.paths)
    return (lambda: _of_case(case)) if case else (lambda: files_of(options))


def case_in(paths: tuple[Path, ...]) -> Path | None:
    """Give the case folder that the paths are; none if they are evidence."""
    is_case = len(paths) == 1 and (paths[0] / "incidents.json").is_file() and (paths[0] / "signals.parquet").is_file()
    return paths[0] if is_case else None


def _of_case(case: Path) -> Iterator[Batch | SourceRead]:
    yield from read_case(case).sources
    yield from kept_batches(case / "events")


def files_of(options: Options) -> Iterator[Batch | SourceRead]:
    """Give the events of files and folders.

    Raises:
        OSError: a given path cannot be read.
        ValueError: the mapping or a source cannot be used.
    """
    told = options.progress
    return read(
        options.paths,
        mapping=options.mapping,
        own=options.sources,
        batch_rows=options.batch_rows,
        progress=lambda done: told("read", done),
    )

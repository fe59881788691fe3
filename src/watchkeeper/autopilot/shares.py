"""Sharing evidence among workers. Owns which files a worker reads in one go, and joining what came of them in the order of the files.

A share is a run of files that stand side by side: an archive or a big file is a share by itself, many small files are one. Shares are read
largest first, by whichever worker is free; so one worker sees every event of a source, in order.
"""

import gc
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import msgspec

from watchkeeper.autopilot.gathering import SharedPass, detector_of, rules_of, telling_of
from watchkeeper.autopilot.knowledge import attack_spoken
from watchkeeper.autopilot.options import Options, unheard
from watchkeeper.autopilot.workers import Died, Told, Work, Workers
from watchkeeper.ingest import Found, find, names, read_files
from watchkeeper.model.sourceread import SourceRead

SHARES_A_WORKER = 16
"""The smaller a share, the more evenly workers are done; the larger, the fewer parts of kept events there are."""


@dataclass(frozen=True, slots=True)
class _Share:
    """What a worker is told to read. Names of files may be any bytes."""

    first: int
    """Place of the first file among all."""
    files: tuple[tuple[bytes, str, str], ...]
    """Path, path as shown, and why it cannot be read."""
    before: tuple[tuple[bytes, int], ...]
    """How many sources of a name were read before them."""


def pass_over(options: Options, passed: SharedPass, keep_in: Path | None, workers: int) -> None:
    """Read all files in several processes; `passed` then knows what it would know had it passed over them itself.

    What a worker was reading when it died is read again, file by file; a file on which one dies again is lost, and its account says so.

    Raises:
        OSError: a given path cannot be read, or events cannot be kept.
        ValueError: the mapping or the sources cannot be used.
    """
    files = find(options.paths)
    runs = _runs([file.size for file in files], workers)
    with Workers(partial(_begin, replace(options, progress=unheard), keep_in), min(workers, len(runs))) as processes:
        reading = _Reading(options, files, processes)
        done = reading.over(runs)
        again = [range(place, place + 1) for run in runs if isinstance(done[run.start], Died) for place in run]
        _forget(keep_in, [run.start for run in again])
        done |= reading.over(again)
    for place, answer in sorted(done.items()):
        if isinstance(answer, Died):
            _forget(keep_in, [place])
            passed.lose([_lost(files[place], answer)])
        else:
            passed.take_over(answer)


class _Reading:
    """Has runs of files read by workers; knows how far all of it is."""

    def __init__(self, options: Options, files: Sequence[Found], processes: Workers) -> None:
        self._progress = options.progress
        self._files = files
        self._names = [names(file, mapping=options.mapping, own=options.sources) for file in files]
        self._processes = processes
        self._done = self._told = 0

    def over(self, runs: Sequence[range]) -> dict[int, bytes | Died]:
        """Give what came of each run, by the place of its first file."""
        sizes = {run.start: sum(self._files[place].size for place in run) for run in runs}
        pieces = {run.start: self._piece(run, before) for run, before in zip(runs, _before(self._names, runs), strict=True)}
        ordered = {place: pieces[place] for place in sorted(pieces, key=lambda place: (-sizes[place], place))}
        answers: dict[int, bytes | Died] = {}
        for place, answer in self._processes.answers(ordered, lambda running: self._tell(self._done + running)):
            answers[place] = answer
            self._done += sizes[place]
            self._tell(self._done)
        return answers

    def _tell(self, done: int) -> None:
        """Tell how far it is, never less than before: what other workers are in the middle of is not known when one is done."""
        self._told = max(self._told, done)
        self._progress("read", self._told)

    def _piece(self, run: range, before: Mapping[str, int]) -> bytes:
        files = ((os.fsencode(file.path), file.shown, file.error) for file in self._files[run.start : run.stop])
        counts = ((name.encode(errors="surrogatepass"), count) for name, count in before.items())
        return msgspec.msgpack.encode(_Share(run.start, tuple(files), tuple(counts)))


def _runs(sizes: Sequence[int], workers: int) -> list[range]:
    """Cut the files into runs of about the same size."""
    most = sum(sizes) // (workers * SHARES_A_WORKER)
    runs: list[range] = []
    start = held = 0
    for place, size in enumerate(sizes):
        if place > start and held + size > most:
            runs.append(range(start, place))
            start, held = place, 0
        held += size
    return [*runs, range(start, len(sizes))] if sizes else []


def _before(names_of: Sequence[Counter[str]], runs: Iterable[range]) -> Iterator[dict[str, int]]:
    """Give, for each run, how many sources of the names in it stand before it."""
    counted = Counter[str]()
    at = 0
    for run in runs:
        for place in range(at, run.start):
            counted.update(names_of[place])
        at = run.start
        within = {name for place in run for name in names_of[place]}
        yield {name: counted[name] for name in within if counted[name]}


def _lost(file: Found, died: Died) -> SourceRead:
    error = f"lost: the worker that read it died, {died.why}"
    return SourceRead(source=file.shown, reader="", events=0, skipped={}, error=error, lost=True)


def _series(first: int) -> str:
    return f"{first:07d}"


def _forget(keep_in: Path | None, places: Iterable[int]) -> None:
    """Delete what a worker had kept before it died."""
    for place in places:
        for part in keep_in.rglob(f"part-{_series(place)}-*") if keep_in else ():
            shutil.rmtree(part) if part.is_dir() else part.unlink()


def _begin(options: Options, keep_in: Path | None) -> Work:
    """Get ready in a worker process."""
    passed = SharedPass(detector_of(rules_of(options), options), telling_of(options))
    gc.freeze()  # rules stay as long as the process: they need not be looked through again and again

    def work(piece: bytes, told: Told) -> bytes:
        share = msgspec.msgpack.decode(piece, type=_Share)
        files = [Found(Path(os.fsdecode(path)), shown, error) for path, shown, error in share.files]
        before = {name.decode(errors="surrogatepass"): count for name, count in share.before}
        items = read_files(files, before=before, mapping=options.mapping, own=options.sources, batch_rows=options.batch_rows, progress=told)
        with attack_spoken(options.content):
            passed.over(items, keep_in, _series(share.first))
        return passed.hand_over()

    return work

"""Fuzz one reader, guided by coverage: `python tests/ingest/fuzz/run.py READER [--seconds N] [--seed N]`; the seed 0 is by chance.

Owns the bytes; what must hold of them stands in `promises`. What breaks is made small and written to a file, whose name is printed.
"""

import argparse
import io
import os
import resource
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["watchkeeper.ingest"]):
    from watchkeeper.ingest import READERS
    from watchkeeper.ingest.alerts import SHIPPED

import promises

from watchkeeper import content
from watchkeeper.ingest.reader import Reader, Row

CASES = Path(__file__).resolve().parents[2] / "cases" / "ingest"
ONE_IN = 128
"""Of so many inputs one is stretched: quadratic time shows only at length."""
STRETCHED_BYTES = 65_536
MOST_BYTES = 16_384
MOST_MEMORY = 6 * 1024**3
"""Bytes of address space, of which about 1.5 GiB are taken before the first input."""
SHRINK_SECONDS = 20
MOST_REASONS = 100
"""Reasons that one reader may give in all; they are counted by, so they must be few."""


def seeds(name: str) -> Iterator[bytes]:
    """Yield the inputs of a reader's cases, and each of their lines."""
    grammars = [path.stem for path in content.folder("sources").glob("*.yml")] if name == "text" else []
    for folder in (name, *grammars):
        for path in sorted((CASES / folder).glob("*/input.*")):
            whole = path.read_bytes().rstrip(b"\0")
            yield whole
            yield from whole.split(b"\n")[:64] if name != "evtx" else ()


def stretched(given: bytes) -> bytes:
    """Repeat a piece of the bytes until they are long; the same bytes give the same."""
    chance = zlib.crc32(given, 1)
    start = chance % (len(given) + 1)
    piece = given[start : start + 1 + (chance >> 8) % 24]
    return given[:start] + piece * (STRETCHED_BYTES // len(piece)) + given[start + len(piece) :] if piece else given


def good_record(reader: Reader) -> promises.Good | None:
    """Give a line of the cases that is a whole record; none where other lines decide what a line is."""
    formats = {mapping.name: mapping.format for mapping in SHIPPED}.get(reader.name, [])
    if reader.name in {"evtx", "vpc_flow", "zeek_tsv", "w3c"} or formats == ["csv"]:
        return None
    lines = [line for line in seeds(reader.name) if b"\n" not in line]
    read = ((line, list(reader.rows(io.BytesIO(line)))) for line in lines if line.strip())
    opening = b"{}\n" if "csv" in formats else b""
    alone = ((line, found[0]) for line, found in read if len(found) == 1)
    return next((promises.Good(opening, line, one.raw) for line, one in alone if isinstance(one, Row)), None)


def shrunk(given: bytes, breaks: Callable[[bytes], str]) -> bytes:
    """Leave out what is not needed to break it in the same way."""
    how, until, size = breaks(given), time.monotonic() + SHRINK_SECONDS, len(given) // 2
    while size and time.monotonic() < until:
        at = 0
        while at < len(given) and time.monotonic() < until:
            shorter = given[:at] + given[at + size :]
            given, at = (shorter, at) if breaks(shorter) == how else (given, at + size)
        size //= 2
    return given


class Target:
    """One reader under test, and the reasons that it gave so far."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.good = good_record(reader)
        self.reasons: set[str] = set()

    def one(self, given: bytes) -> None:
        """Check one input.

        Raises:
            BaseException: whatever it breaks on; the input is written to a file.
        """
        if zlib.crc32(given) % ONE_IN == 0:
            given = stretched(given)
        try:
            self.check(given)
        except BaseException as failure:
            small = shrunk(given, self.breaks)
            path = Path(tempfile.mkdtemp(prefix="fuzz-")) / self.reader.name
            path.write_bytes(small)
            sys.stdout.write(f"{self.reader.name}: {failure!r} on {path} ({len(small)} bytes): {small[:300]!r}\n")
            sys.stdout.flush()
            raise

    def check(self, given: bytes) -> None:
        found = promises.check(self.reader, given)
        self.reasons.update(one.reason for one in found if not isinstance(one, Row))
        if len(self.reasons) > MOST_REASONS:
            raise promises.BrokenPromiseError(f"more than {MOST_REASONS} reasons: {sorted(self.reasons)}")
        if self.good is not None:
            promises.check_goes_on(self.reader, given, self.good)

    def breaks(self, given: bytes) -> str:
        try:
            self.check(given)
        except BaseException as failure:  # noqa: BLE001 -- a panic of a library in Rust is no Exception
            return type(failure).__name__
        return ""


def main() -> None:
    """Fuzz until the time is over or something breaks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reader", choices=[reader.name for reader in READERS])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    target = Target(next(reader for reader in READERS if reader.name == asked.reader))
    corpus, broken = Path(tempfile.mkdtemp(prefix="corpus-")), Path(tempfile.mkdtemp(prefix="broken-"))
    for at, seed in enumerate(seeds(asked.reader)):
        (corpus / f"{at:04}").write_bytes(seed)
    longest = max(MOST_BYTES, *(path.stat().st_size for path in corpus.iterdir()))
    options = [f"-max_total_time={asked.seconds}", f"-seed={asked.seed}", f"-max_len={longest}", "-timeout=60", "-rss_limit_mb=0"]
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))  # libFuzzer counts what the process that started it held
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={broken}{os.sep}", "-print_final_stats=1", str(corpus)], target.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

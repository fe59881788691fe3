"""How fast text logs are read: lines a second of processor time for each grammar, beside splitting and decoding the same bytes.

make bench-text                                     every grammar
python bench/text.py [--only NAME…] [--json OUT]    some of them

The lines are those of the grammars' own cases, over and over, with the clock running on (ten lines a second) and ever other addresses and
ports, so that nothing is fast for having been seen before. `read` is the whole way from file to Arrow batches, ids included; `plain` is
measured in the same run.
"""

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from statistics import median

from watchkeeper.content import folder
from watchkeeper.ingest import read
from watchkeeper.ingest.grammars import shipped
from watchkeeper.ingest.syslog import message
from watchkeeper.model.batch import Batch

CASES = Path(__file__).parents[1] / "tests" / "cases" / "ingest"
RUNS = 3
_CLOCK = re.compile(r"09:00:\d\d")
_ADDRESS = re.compile(r"(198\.51\.100|203\.0\.113|192\.0\.2)\.\d+")
_PORT = re.compile(r"(?<![\d.])([4-5]\d{4})(?![\d.])")


def lines(name: str) -> Iterator[str]:
    """Yield lines of a grammar without end, each with another address and port, ten a second."""
    texts = [line for path in sorted((CASES / name).glob("*/input.*")) for line in path.read_text("utf-8", errors="replace").splitlines()]
    taken = [line for line in texts if (source := shipped().source(message(line))) is not None and source.grammar.name == name]
    at = 0
    while taken:
        for line in taken:
            at += 1
            second = at // 10
            clock = f"{second // 3600 % 24:02}:{second // 60 % 60:02}:{second % 60:02}"
            text = _ADDRESS.sub(rf"\1.{at * 7 % 254 + 1}", _CLOCK.sub(clock, line))
            yield _PORT.sub(str(40_000 + at * 13 % 20_000), text)


def measured(path: Path) -> tuple[float, float]:
    """Give seconds of processor time for reading, and for splitting and decoding."""
    before = time.process_time()
    rows = sum(item.table.num_rows for item in read([path]) if isinstance(item, Batch))
    between = time.process_time()
    plain = sum(1 for line in path.read_bytes().splitlines() if line.decode(errors="replace"))
    after = time.process_time()
    if rows * 2 < plain:
        raise ValueError(f"{path.name!r}: only {rows:,} of {plain:,} lines were read")
    return between - before, after - between


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", nargs="+", help="names of grammars")
    options.add_argument("--lines", type=int, default=20_000, help="lines of each grammar")
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    figures: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in chosen.only or sorted(path.stem for path in folder("sources").glob("*.yml")):
            path = Path(scratch) / f"{name}.log"
            path.write_text("".join(f"{line}\n" for line in islice(lines(name), chosen.lines)), "utf-8")
            if not path.stat().st_size:
                continue
            measured(path)  # compiles patterns
            reading, plain = (median(column) for column in zip(*(measured(path) for _ in range(RUNS)), strict=True))
            length = path.stat().st_size // chosen.lines
            figures[name] = {"read": round(chosen.lines / reading), "plain": round(chosen.lines / plain), "bytes_a_line": length}
            print(
                f"{figures[name]['read']:9,} lines a second, {figures[name]['plain']:10,} plain, {length:5} bytes a line  {name}",
                flush=True,
            )
    rates = [one["read"] for one in figures.values()]
    print(f"{median(rates):9,.0f} in the middle, {min(rates):,} the slowest")
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

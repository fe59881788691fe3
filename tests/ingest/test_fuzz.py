"""Every reader, fuzzed by coverage for `WATCHKEEPER_FUZZ_SECONDS` each, two at a time; `fuzz/run.py` is what fuzzes one."""

import importlib.util
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from watchkeeper.ingest import READERS

PROGRAM = Path(__file__).parent / "fuzz" / "run.py"
SECONDS = int(os.environ.get("WATCHKEEPER_FUZZ_SECONDS", "6"))
SEED = os.environ.get("WATCHKEEPER_FUZZ_SEED", "1")
AT_ONCE = 2
MOST_SECONDS_BESIDE = 240
"""For starting, for the last input, and for making small what breaks."""
_DONE = re.compile(r"#(\d+)\s+DONE\s+cov: (\d+)")

Done = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def fuzzed(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Future[Done]]]:
    """What the fuzzers of the readers that are tested in this run say, by reader."""
    asked = [
        item.callspec.params["name"] for item in request.session.items if getattr(item, "originalname", "") == "test_no_bytes_break_it"
    ]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: pool.submit(_fuzz, name) for name in asked}


def _fuzz(name: str) -> Done:
    words = [sys.executable, str(PROGRAM), name, "--seconds", str(SECONDS), "--seed", SEED]
    return subprocess.run(words, capture_output=True, text=True, errors="replace", check=False, timeout=SECONDS + MOST_SECONDS_BESIDE)


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris has no wheel for this system")
@pytest.mark.parametrize("name", [reader.name for reader in READERS])
def test_no_bytes_break_it(name: str, fuzzed: Mapping[str, Future[Done]]) -> None:
    done = fuzzed[name].result()
    said = _DONE.search(done.stderr)
    assert (done.returncode, said is not None) == (0, True), f"{done.stdout}\n{done.stderr[-4_000:]}"
    assert said is not None
    sys.stdout.write(f"{name}: {int(said[1]):,} inputs, {said[2]} branches\n")

import subprocess
import sys

import pytest

PROGRAM = """
import resource, sys
from watchkeeper.ingest.listeners.memory import keep_freed_memory
kept = sys.argv[1] == "keep" and keep_freed_memory()
for _ in range(3):
    [bytes(4_000_000) for _ in range(3)]
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    [bytearray(b"x") * 4_000_000 for _ in range(3)]
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(how: str) -> tuple[bool, int]:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    kept, faults = done.stdout.split()
    return kept == "True", int(faults)


def test_memory_that_is_free_again_is_not_fetched_anew() -> None:
    kept, faults = _faults("keep")
    if not kept:
        pytest.skip("this C library has no mallopt; glibc does")
    assert faults * 10 < _faults("leave")[1]

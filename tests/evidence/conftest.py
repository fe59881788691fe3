"""True claims and the lies next to them stand in `bench`, so that the exam and the tests hold the verifier to the same."""

import sys
from pathlib import Path

BENCH = str(Path(__file__).parents[2] / "bench")
if BENCH not in sys.path:
    sys.path.append(BENCH)

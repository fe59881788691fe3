"""The exams are programs, not a package: their folder joins the end of the path, where it hides nothing."""

import sys
from pathlib import Path

BENCH = str(Path(__file__).parents[2] / "bench")
if BENCH not in sys.path:
    sys.path.append(BENCH)

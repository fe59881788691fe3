"""How fast rules load: the first time, when all is kept, and when one rule was changed; in milliseconds of processor time.

make bench-start                                   SigmaHQ's rules, as a zip and unpacked
python bench/start.py --rules RULES [--json OUT]   another zip

Each figure is the middle of several runs. `process` counts a new Python from its start until rules are loaded, on the wall clock too, with
compiled bytecode as in an installation.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from watchkeeper.detection import load_rules
from watchkeeper.detection.sigma.kept import Kept

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
RUNS = 7
PROCESS = """import resource, sys
from pathlib import Path
from watchkeeper.detection import load_rules
from watchkeeper.detection.sigma.kept import Kept
from resident import peak_rss
load_rules([Path(sys.argv[1])], Kept(Path(sys.argv[2])))
assert not {"sigma", "yaml"} & sys.modules.keys()
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime, peak_rss())
"""


def loading(path: Path, kept: Kept) -> float:
    before = time.process_time()
    load_rules([path], kept)
    return 1000 * (time.process_time() - before)


def changed(path: Path, kept: Kept, change: Callable[[int], None]) -> float:
    taken: list[float] = []
    for run in range(RUNS):
        change(run)
        taken.append(loading(path, kept))
    return median(taken)


def process(path: Path, place: Path, scratch: Path) -> dict[str, float]:
    """Give processor time, wall clock and peak memory of new processes that load what is kept."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment |= {"PYTHONPYCACHEPREFIX": str(scratch / "bytecode"), "PYTHONPATH": str(Path(__file__).parent)}
    runs: list[tuple[float, float, float]] = []
    for _ in range(RUNS + 1):
        before = time.perf_counter()
        words = [sys.executable, "-c", PROCESS, str(path), str(place)]
        said = subprocess.run(words, env=environment, capture_output=True, text=True, check=True).stdout.split()
        runs.append((1000 * float(said[0]), 1000 * (time.perf_counter() - before), float(said[1]) / 1024**2))
    cpu, wall, memory = (median(column) for column in zip(*runs[1:], strict=True))  # the first one compiles bytecode
    return {"process_ms": cpu, "process_wall_ms": wall, "process_peak_mib": memory}


def measured(path: Path, place: Path, change: Callable[[int], None], scratch: Path) -> dict[str, float]:
    kept = Kept(place)
    first = loading(path, kept)
    again = median(loading(path, kept) for _ in range(RUNS))
    figures = process(path, place, scratch)
    one = changed(path, kept, change)
    return {"first_ms": first, "kept_ms": again, "one_changed_ms": one, "one_changed_adds_ms": one - again, **figures}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rules", type=Path, default=DATA / "sigma" / "sigma_all_rules.zip")
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(chosen.rules) as archive:
        scratch = Path(name)
        members = {member.filename: archive.read(member) for member in archive.infolist() if member.filename.endswith(".yml")}
        figures = compared(scratch, members)
    print(json.dumps(figures, indent=1))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


def compared(scratch: Path, members: dict[str, bytes]) -> dict[str, object]:
    """Measure the same rules as a zip and as a folder, each with nothing kept at first."""
    one = sorted(members)[len(members) // 2]
    archive, folder = scratch / "rules.zip", scratch / "rules"

    def text(run: int) -> bytes:
        return members[one].replace(b"title: ", f"title: {run} ".encode(), 1)

    def zipped(run: int) -> None:
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for member, content in members.items():
                file.writestr(member, text(run) if member == one else content)

    def unpacked(run: int) -> None:
        (folder / one).write_bytes(text(run))

    for member, content in members.items():
        (folder / member).parent.mkdir(parents=True, exist_ok=True)
        (folder / member).write_bytes(content)
    zipped(RUNS)
    rows: Sequence[tuple[str, Path, Callable[[int], None]]] = (("zip", archive, zipped), ("folder", folder, unpacked))
    return {"rules": len(members)} | {
        name: {key: round(value) for key, value in measured(path, scratch / f"kept-{name}", change, scratch).items()}
        for name, path, change in rows
    }


if __name__ == "__main__":
    sys.exit(main())

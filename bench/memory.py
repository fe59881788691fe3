"""Peak memory and speed of reading: a file of NDJSON made by repeating real Windows logs, read batch by batch in a process of its own.

Run: `python bench/memory.py [--gib 2] [--json out.json]`; the logs come from WATCHKEEPER_DATA, the file is deleted afterwards.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from resident import peak_rss

from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
LOGS = "otrf/compound/*/*memory_dump.zip"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=2.0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measured(options.measure)))
        return
    with tempfile.TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        made = Path(folder) / "events.json"
        repeat(made, int(options.gib * 1024**3))
        child = subprocess.run([sys.executable, __file__, "--measure", str(made)], check=True, capture_output=True, text=True)
    print(child.stdout.strip())
    if options.json:
        options.json.write_text(child.stdout, encoding="utf-8")


def repeat(path: Path, size: int) -> None:
    archives = sorted(DATA.glob(LOGS))
    if not archives:
        sys.exit(f"no logs at {DATA / LOGS}; set WATCHKEEPER_DATA")
    with path.open("wb") as out:
        while out.tell() < size:
            for archive in archives:
                with zipfile.ZipFile(archive) as opened, opened.open(opened.namelist()[0]) as member:
                    shutil.copyfileobj(member, out, 1024 * 1024)


def measured(path: Path) -> dict[str, float]:
    before = peak_rss()
    began, cpu = time.perf_counter(), time.process_time()
    events = sum(item.table.num_rows for item in read([path]) if isinstance(item, Batch))
    return {
        "file_bytes": path.stat().st_size,
        "events": events,
        "seconds": round(time.perf_counter() - began, 1),
        "events_per_cpu_second": round(events / (time.process_time() - cpu)),
        "peak_rss_mib": round(peak_rss() / 1024**2),
        "rss_before_mib": round(before / 1024**2),
    }


if __name__ == "__main__":
    main()

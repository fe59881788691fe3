"""crowdsec's tests: which of the fields that they assert we read alike. Prints each folder, what is wrong in it, and the sum.

make bench-sources_crowdsec
python bench/sources_crowdsec.py [parsers] [--data DATA] [--only WORD] [--json OUT], where DATA is the folder that holds `sources/` (default
$WATCHKEEPER_DATA) and WORD is part of the names of the folders to show
"""

import argparse
import json
import os
import sys
from collections import Counter
from pathlib import Path

from crowdsec_names import BOOKKEEPING
from crowdsec_parsers import Folder, folders

WANTED = 0.9
"""So many of the asserted fields must be right."""
_SHOWN = 6
_LONGEST = 60


def show(one: Folder) -> None:
    """Print a folder and the fields that are wrong in it, each once with how often."""
    said = ", ".join(f"{source} {count:,}" for source, count in one.sources.most_common(3)) or "nothing read"
    print(f"{one.right:5,} of {one.asked:5,}  {one.name} ({one.kind}): {said}")
    wrong = Counter(name for name, _, _ in one.wrong)
    for name, count in wrong.most_common(_SHOWN):
        _, expected, found = next(each for each in one.wrong if each[0] == name)
        print(f"                 {name} x{count}: expected {expected[:_LONGEST]!r}, found {found[:_LONGEST]!r}")


def parsers(archive: Path, only: str) -> dict[str, object]:
    """Run the exam of fields, print it and give its figures."""
    found = [one for one in folders(archive) if only in one.name]
    for one in found:
        show(one)
    right, asked = sum(one.right for one in found), sum(one.asked for one in found)
    mean = sum(one.right / one.asked for one in found) / max(1, len(found))
    share = right / max(1, asked)
    print(f"{right:,} of {asked:,} asserted fields are right ({share:.1%}) in {len(found)} folders; mean of the folders {mean:.1%}")
    print(f"not compared: {', '.join(sorted(BOOKKEEPING))}; program where no syslog header names it")
    each = {one.name: {"right": one.right, "asked": one.asked, "wrong": one.wrong, "sources": dict(one.sources)} for one in found}
    return {"right": right, "asked": asked, "mean": mean, "folders": each}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    options.add_argument("part", nargs="?", choices=("parsers",), default="parsers")
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--only", default="", help="part of the names of the folders to show")
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    figures = parsers(chosen.data / "sources" / "crowdsec-logs.zip", chosen.only)
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    right, asked = figures["right"], figures["asked"]
    return 0 if isinstance(right, int) and isinstance(asked, int) and right >= WANTED * asked else 1


if __name__ == "__main__":
    sys.exit(main())

"""Exposure at size, and against truths known by construction: time, memory, and whether "affected" is right.

Run: python bench/exposure.py [--data DATA] [--json OUT], DATA being the folder that holds `cve/` (default $WATCHKEEPER_DATA or
../shared/data). The inventories are synthetic: made here from the list's own names. The truth is read from the list's prose by a pattern of
this file's own, stricter than the product's, and versions inside and outside of a range are made by counting its end up or down, never by
the product's order.
"""

import argparse
import csv
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from resident import peak_rss

from watchkeeper.assets.vulnerabilities import Lists, Vulnerability
from watchkeeper.autopilot.exposure import Exposed, Listed, exposure

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
PACKAGES, HOSTS = 5_000, 50
_PHRASE = "his issue affects"
_COLON = re.compile(r"[Tt]his issue affects [^:\n]+: ")
_ONE_RANGE = re.compile(
    r"[Tt]his issue affects ([^:\n]+): (?:from (n/a|[0-9]+(?:\.[0-9]+)*) )?(through|before) ([0-9]+(?:\.[0-9]+)*)(?:\. |\.?\n|\.?$)"
)


@dataclass(frozen=True)
class Planted:
    """One program on a host of its own, and what is true of it."""

    host: str
    cve: str
    kind: str
    """`inside`, `above`, `below`, `namesake` (another vendor's of the same name) or `sibling` (the same vendor's of a longer name)."""
    name: str
    vendor: str
    version: str


@dataclass(frozen=True)
class Cost:
    """What one run took, in a process of its own."""

    vulnerabilities: int
    packages: int
    findings: int
    wall_seconds: float
    cpu_seconds: float
    peak_mib: float
    """VmHWM, the process as a whole."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    listed = Listed((options.data / "cve" / "vulnrichment.jsonl.gz",), (options.data / "cve" / "kev.csv",))
    if options.measure:
        print(json.dumps(asdict(measured(options.measure, listed))))
        return
    with gzip.open(listed.cve[0]) as lines:
        entries = [json.loads(line) for line in lines]
    with tempfile.TemporaryDirectory(prefix="watchkeeper-bench-") as folder:
        told = {
            "cost": cost(entries, Path(folder), options.data),
            "prose": prose(entries, listed),
            "truth": truth(entries, listed, Path(folder)),
        }
    _print(told)
    if options.json:
        options.json.write_text(json.dumps(told, indent=1), encoding="utf-8")


def cost(entries: list[Any], folder: Path, data: Path) -> dict[str, Any]:
    """Run the product over an inventory of 5,000 packages: half are named in the list, at even distances; half are nobody's."""
    named = list(
        dict.fromkeys(
            (vendor.strip(), name.strip()) for entry in entries for vendor, name in entry["prod"] if vendor and name and len(name) < 200
        )
    )
    half = PACKAGES // 2
    rows = [named[place * len(named) // half] for place in range(half)] + [("", f"local-package-{place}") for place in range(half)]
    table = folder / "inventory.csv"
    versions = (f"{place % 9}.{place % 23}.{place % 7}" for place in range(PACKAGES))
    _write(table, ((f"host{place % HOSTS:02}", name, vendor, next(versions)) for place, (vendor, name) in enumerate(rows)))
    words = [sys.executable, __file__, "--measure", str(table), "--data", str(data)]
    return json.loads(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


def measured(table: Path, listed: Listed) -> Cost:
    began, cpu = time.perf_counter(), time.process_time()
    done = exposure([table], listed)
    wall, used = time.perf_counter() - began, time.process_time() - cpu
    packages = sum(len(asset.software) for asset in done.inventory.assets)
    return Cost(done.vulnerabilities, packages, len(done.exposure.findings), round(wall, 2), round(used, 2), round(peak_rss() / 1024**2, 1))


def prose(entries: list[Any], listed: Listed) -> dict[str, int]:
    """Say how many sentences that speak of versions become ranges."""
    texts = [entry["desc"] or "" for entry in entries]
    read: Iterable[Vulnerability] = (one for path in listed.cve for one in Lists().vulnerabilities(path))
    return {
        "speak of what is affected": sum(_PHRASE in text for text in texts),
        "of them with a product, a colon and more": sum(_COLON.search(text) is not None for text in texts),
        "become ranges": sum(any(affected.ranges for affected in one.affected) for one in read),
    }


def truth(entries: list[Any], listed: Listed, folder: Path) -> dict[str, Any]:
    """Plant programs inside and outside of ranges, ask the product, and compare."""
    planted = [one for place, entry in enumerate(entries) for one in _planted(place, entry)]
    table = folder / "planted.csv"
    _write(table, ((one.host, one.name, one.vendor, one.version) for one in planted))
    done = exposure([table], Listed(listed.cve, ()))
    return _compared(planted, done)


def _planted(place: int, entry: Any) -> Iterator[Planted]:
    """Give hosts for an entry whose prose names one range of plain numbers; the vendor is the first that the entry lists."""
    found = _ONE_RANGE.search(entry["desc"] or "")
    vendor = next((vendor for vendor, _ in entry["prod"] if vendor), "")
    if not found or not vendor or vendor.casefold() in {"n/a", "unknown"}:
        return
    name, low, sign, high = found[1], "" if found[2] in {None, "n/a"} else found[2], found[3], found[4]
    if low and _numbers(low) >= _numbers(high):  # from 2.0 through 1.4: nobody can know what is meant
        return
    inside = high if sign == "through" else low or _down(high)
    above = _up(high) if sign == "through" else high
    kinds = [("inside", name, vendor, inside), ("above", name, vendor, above), ("namesake", name, "Otherwhere Works", inside)]
    kinds += [("sibling", f"{name} Companion", vendor, inside)]
    kinds += [("below", name, vendor, _down(low))] if low and any(_numbers(low)) else []
    for kind, called, maker, version in kinds:
        yield Planted(f"{kind}{place:05}", entry["id"], kind, called, maker, version)


def _compared(planted: list[Planted], done: Exposed) -> dict[str, Any]:
    """Count hosts by what is said of them for their own CVE; a namesake or a sibling must not be said to be affected by any."""
    said = {(finding.cve, host): finding for finding in done.exposure.findings for host in finding.assets}
    affected = {host for (_, host), finding in said.items() if finding.affected == "yes"}
    answers = Counter[tuple[str, str]]()
    for one in planted:
        finding = said.get((one.cve, one.host))
        answer = finding.affected if finding else "no"
        if one.kind in {"namesake", "sibling"} and one.host in affected:
            answer = "yes"
        why = f" ({finding.doubt})" if finding and answer == "unknown" else ""
        answers[one.kind, answer + why] += 1
    right, every = answers["inside", "yes"], sum(count for (_, answer), count in answers.items() if answer == "yes")
    inside = sum(count for (kind, _), count in answers.items() if kind == "inside")
    return {
        "ranges": inside,
        "programs": len(planted),
        "precision": round(right / every, 4),
        "recall": round(right / inside, 4),
        "answers": {f"{kind}: {answer}": count for (kind, answer), count in sorted(answers.items())},
    }


def _numbers(version: str) -> list[int]:
    numbers = [int(part) for part in version.split(".")]
    while numbers and not numbers[-1]:
        del numbers[-1]
    return numbers


def _up(version: str) -> str:
    head, dot, last = version.rpartition(".")
    return f"{head}{dot}{int(last) + 1}"


def _down(version: str) -> str:
    """Give a version that is a little older: the last number that is not zero counted down, what follows it gone."""
    numbers = _numbers(version)
    return ".".join(str(part) for part in [*numbers[:-1], numbers[-1] - 1])


def _write(table: Path, rows: Iterable[tuple[str, str, str, str]]) -> None:
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("Host", "Name", "Vendor", "Version"))
        writer.writerows(rows)


def _print(told: dict[str, Any]) -> None:
    one = told["cost"]
    print(f"{one['vulnerabilities']:,} vulnerabilities against {one['packages']:,} packages on {HOSTS} hosts: {one['findings']:,} findings")
    print(f"  {one['wall_seconds']} s, {one['cpu_seconds']} s of CPU time, {one['peak_mib']} MiB at most (VmHWM)")
    for name, count in told["prose"].items():
        print(f"sentences that {name}: {count:,}" if name.startswith(("speak", "become")) else f"  {name}: {count:,}")
    known = told["truth"]
    print(f"synthetic truth, {known['programs']:,} programs around {known['ranges']:,} ranges: ", end="")
    print(f"affected has precision {known['precision']:.4f} and recall {known['recall']:.4f}")
    for name, count in known["answers"].items():
        print(f"  {name}: {count:,}")


if __name__ == "__main__":
    main()

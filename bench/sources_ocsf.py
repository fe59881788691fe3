"""Vendors' raw events beside their OCSF form: how much of what our view says agrees with what they say, and how much of theirs it says.

make bench-sources runs it among others
python bench/sources_ocsf.py [--data DATA] [--json OUT] [--all], where DATA is the folder that holds `sources/` (default $WATCHKEEPER_DATA)
and --all lists every disagreement

The set's own mappings speak several versions of the schema, and some are wrong about it. A leaf is one value at a path; positions in arrays
are compared in order. Their leaves under `unmapped` and `observables` are counted apart: the first is what they did not map either, the
second repeats others.
"""

import argparse
import json
import os
import re
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path, PurePosixPath

from watchkeeper.ingest import read
from watchkeeper.model.sourceread import SourceRead
from watchkeeper.schema import view

ENDINGS = (".raw", ".ocsf", ".json", ".event", ".csv", ".xml")
APART = ("unmapped", "observables")
ENOUGH = 0.8


@dataclass(frozen=True)
class Pair:
    """One raw file and what a vendor made of it."""

    name: str
    raw: bytes
    theirs: list[dict]


@dataclass
class Result:
    """What came of one pair."""

    name: str
    source: str = ""
    leaves: int = 0
    apart: int = 0
    covered: int = 0
    agree: int = 0
    differ: list[tuple[str, str, str]] = field(default_factory=list)


def pairs(archive: zipfile.ZipFile) -> Iterator[Pair]:
    """Yield the raw files that stand beside an OCSF form: of the same stem, or the only two in their folder."""
    folders: dict[PurePosixPath, dict[str, bytes]] = {}
    for name in sorted(archive.namelist()):
        path = PurePosixPath(name)
        if path.suffix in ENDINGS and path.parts[0] == "mappings":
            folders.setdefault(path.parent, {})[path.name] = archive.read(name)
    for folder, files in folders.items():
        mapped = {name for name, text in files.items() if b'"class_uid"' in text or b'"activity_id"' in text}
        plain = [name for name, text in files.items() if name not in mapped and text]
        for name in plain:
            same = [one for one in mapped if PurePosixPath(one).stem == PurePosixPath(name).stem]
            found = same or (list(mapped) if len(mapped) == 1 == len(plain) else [])
            if found:
                yield Pair(str(folder / name), files[name], documents(files[found[0]].decode()))


def documents(text: str) -> list[dict]:
    """Parse JSON as people write it: several after each other, with comments and commas too many."""
    text = re.sub(r"(?m)//[^\n\"]*$", "", text)
    text = re.sub(r",(\s*[}\]])", r"\1", text)
    found, decoder, at = [], json.JSONDecoder(strict=False), 0
    while (at := len(text) - len(text[at:].lstrip())) < len(text):
        value, at = decoder.raw_decode(text, at)
        found.extend(value if isinstance(value, list) else [value])
    return found


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield every value with its path, positions in arrays left out; what is empty says nothing."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, path)
    elif value not in (None, "", "''", "-"):
        yield path, value


def ours(raw: bytes) -> tuple[str, list[dict]]:
    """Read a raw file with our readers and give the views of its events in order, and who read it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "raw").write_bytes(raw)
        rows, reader = [], ""
        for item in read([Path(folder, "raw")]):
            if isinstance(item, SourceRead):
                reader = item.reader
            else:
                rows.extend(view(item).to_pylist())
    return reader, sorted(rows, key=lambda row: row["_row"])


def same(one: object, other: object) -> bool:
    """Say whether two values are the same in what they mean: numbers as numbers, moments as moments, JSON as JSON."""
    return plain(one) == plain(other)


def plain(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.timestamp()
    text = str(value)
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text)
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:", text):
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).timestamp()
    return as_json(text) if text[:1] in ("{", "[") else text


def as_json(text: str) -> str:
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return text


def compared(result: Result, row: dict, theirs: dict) -> None:
    """Compare one event's view with theirs, leaf by leaf."""
    at: Counter[str] = Counter()
    for path, value in leaves(theirs):
        if path.partition(".")[0] in APART:
            result.apart += 1
            continue
        result.leaves += 1
        mine = row.get(path)
        if mine is None:
            continue
        result.covered += 1
        position = at[path]
        at[path] += 1
        found = mine[position] if isinstance(mine, list) and position < len(mine) else None if isinstance(mine, list) else mine
        if same(found, value):
            result.agree += 1
        else:
            result.differ.append((path, str(value), str(found)))


def examined(pair: Pair) -> Result:
    """Examine one pair."""
    reader, rows = ours(pair.raw)
    result = Result(pair.name, source=reader)
    for row, theirs in zip(rows, pair.theirs, strict=False):
        compared(result, row, theirs)
    return result


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data")
    options.add_argument("--data", type=Path, default=Path(default))
    options.add_argument("--json", type=Path, help="write every figure there")
    options.add_argument("--all", action="store_true", help="list every disagreement")
    asked = options.parse_args()
    path = asked.data / "sources" / "ocsf-examples.zip"
    if not path.is_file():
        print(f"no {path}; set WATCHKEEPER_DATA to the folder that holds sources/", file=sys.stderr)
        return 2
    with zipfile.ZipFile(path) as archive:
        results = [examined(pair) for pair in pairs(archive)]
    report(results, everything=asked.all)
    covered, agree = sum(one.covered for one in results), sum(one.agree for one in results)
    if asked.json:
        asked.json.write_text(json.dumps({"covered": covered, "agree": agree, "pairs": [asdict(one) for one in results]}, indent=1))
    return 0 if covered and agree / covered >= ENOUGH else 1


def report(results: list[Result], *, everything: bool) -> None:
    print(f"{'raw events':88} {'reader':14} {'leaves':>6} {'ours':>5} {'agree':>5}")
    for one in results:
        share = f"{one.agree / one.covered:5.0%}" if one.covered else "    -"
        print(f"{one.name.removeprefix('mappings/')[-88:]:88} {one.source or 'none':14} {one.leaves:6} {one.covered:5} {share}")
        for place, theirs, found in one.differ if everything else ():
            print(f"    {place}: theirs {theirs[:90]!r}, ours {found[:90]!r}")
    known = [one for one in results if one.covered]
    leaves_of = sum(one.leaves for one in known)
    apart, covered, agree = (sum(getattr(one, name) for one in known) for name in ("apart", "covered", "agree"))
    print(f"\n{len(known)} of {len(results)} raw files are read and mapped")
    if covered:
        said = f"{covered}, {covered / leaves_of:.1%}"
        print(f"of {leaves_of} leaves of theirs ({apart} more unmapped or observables) our view says {said}")
        print(f"of those {agree} agree, {agree / covered:.1%} (at least {ENOUGH:.0%} wanted)")
    counted = Counter(place for one in results for place, _, _ in one.differ)
    print("disagreements by attribute: " + ", ".join(f"{place} {count}" for place, count in counted.most_common(40)))


if __name__ == "__main__":
    sys.exit(main())

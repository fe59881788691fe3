"""Corpora for `bench-sigma`: real, stress, and every EVTX file, made from the public data sets and kept under `out/`. Measures nothing.

Everything is seeded: the same data gives the same bytes. A corpus is made anew when its inputs or this file change.
"""

import io
import os
import random
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from watchkeeper.ingest.windows_json import sniff

DATA = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
RULES = DATA / "sigma" / "sigma_all_rules.zip"
KEPT = Path(__file__).resolve().parents[1] / "out" / "bench-sigma"
"""Where corpora are kept; remove it whenever you like."""
SEED = 7
STRESS_EVENTS = 500_000
PROCESS_SHARE, ACCESS_SHARE, MESSAGE_SHARE, UNIQUE_SHARE = 0.15, 0.25, 0.05, 0.5
"""Shares in the stress mix: of process creations, of process accesses that stay, of events that keep their text, of values made unique."""
_CREATION = re.compile(rb'"EventID":\s?(?:1,.*Sysmon|4688\b)|Sysmon.*"EventID":\s?1\b', re.DOTALL)
_ACCESS = re.compile(rb'"EventID":\s?10\b')


def real() -> Path:
    """Give the file of every Windows event of the OTRF recordings, a line each, shuffled."""
    return _made("real.ndjson", _write_real)


def stress() -> Path:
    """Give the file of half a million events, most without their text, half of the command lines and file names unique."""
    return _made("stress.ndjson", _write_stress)


def evtx() -> Path:
    """Give the folder of every EVTX file of the data sets; a file's name is a number and its own name."""
    return _made("evtx", _unpack_evtx)


def members(archive: bytes | Path, ending: str) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of the files with that ending in a zip, those in zips within included; without what macOS adds."""
    with zipfile.ZipFile(io.BytesIO(archive) if isinstance(archive, bytes) else archive) as opened:
        for name in sorted(opened.namelist()):
            if name.lower().endswith(".zip"):
                yield from members(opened.read(name), ending)
            elif name.lower().endswith(ending) and not name.startswith("__MACOSX"):
                yield name, opened.read(name)


def _made(name: str, write: Any) -> Path:
    """Give the kept corpus of that name; make it if it is not there, so that only whole ones are ever found."""
    archives = _archives()
    if not archives:
        sys.exit(f"no recordings at {DATA}; set WATCHKEEPER_DATA to where the public data sets are")
    recipe = [Path(__file__).read_bytes(), *(f"{path.name} {path.stat().st_size}".encode() for path in archives)]
    path = KEPT / f"{blake2b(b'/'.join(recipe), digest_size=6).hexdigest()}-{name}"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        for old in KEPT.glob(f"*-{name}"):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        print(f"making {path.name} …", file=sys.stderr, flush=True)
        new = path.with_name(f"{path.name}.{os.getpid()}")
        write(new)
        new.rename(path)
    return path


def _archives() -> list[Path]:
    return sorted(path for path in DATA.rglob("*") if path.suffix.lower() == ".zip")


def _write_real(path: Path) -> None:
    recorded = [one for one in _archives() if one.is_relative_to(DATA / "otrf")]
    files = (content for archive in recorded for _, content in members(archive, ".json") if sniff(content[:65_536]))
    lines = [line for content in files for line in content.split(b"\n") if line.strip()]
    random.Random(SEED).shuffle(lines)  # noqa: S311 - seeded, not secret
    path.write_bytes(b"\n".join(lines) + b"\n")


def _write_stress(path: Path) -> None:
    chance = random.Random(SEED)  # noqa: S311 - seeded, not secret
    creations: list[bytes] = []
    others: list[bytes] = []
    for line in real().read_bytes().splitlines():
        if _CREATION.search(line):
            creations.append(line)
        elif chance.random() < ACCESS_SHARE or not _ACCESS.search(line):
            others.append(line)
    decode, encode = msgspec.json.Decoder().decode, msgspec.json.Encoder().encode
    with path.open("wb") as out:
        for _ in range(STRESS_EVENTS):
            line = chance.choice(creations if chance.random() < PROCESS_SHARE else others)
            try:
                event = decode(line)
            except msgspec.DecodeError:
                out.write(line + b"\n")
                continue
            out.write(encode(_stressed(event, chance)) + b"\n")


def _stressed(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    if chance.random() >= MESSAGE_SHARE:
        event.pop("Message", None)
    for name, between in (("CommandLine", " --"), ("ParentCommandLine", " --"), ("TargetFilename", "")):
        if isinstance(event.get(name), str) and event[name] and chance.random() < UNIQUE_SHARE:
            event[name] += f"{between}{chance.getrandbits(32):08x}"
    return event


def _unpack_evtx(path: Path) -> None:
    path.mkdir()
    packed = [*sorted((DATA / "evtx").glob("*.zip")), DATA / "sigma" / "regression_data.zip"]
    found = (one for archive in packed for one in members(archive, ".evtx"))
    for number, (name, content) in enumerate(found):
        (path / f"{number:03}-{Path(name).name}").write_bytes(content)


if __name__ == "__main__":
    for corpus in (real(), stress(), evtx()):
        size = sum(file.stat().st_size for file in ([corpus] if corpus.is_file() else corpus.iterdir()))
        print(f"{corpus}  {size / 1e6:,.0f} MB")

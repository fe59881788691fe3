"""Intelligence at speed: `make bench-intel`. Owns the generated indicators and events, and the table; corpora are `sigma_corpus.py`'s.

    make bench-intel                                          everything
    python bench/intel.py stream --events 200000              one part, over some of the corpus

`stream`: 1,000,000 generated indicators, imported as a person would; the real Windows events go through `read()` and then, batch by batch,
through a detector without and one with intelligence, which take turns at being first. `backwards`: 10,000,000 generated events, whose
observables are written as `investigate` writes them, then matched. `allow`: with MISP's warning lists installed, what is planted among the
indicators from lists of resolvers, content networks and scanners must not be raised.
"""

import argparse
import json
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import sigma_corpus
from resident import rss

from watchkeeper.autopilot.backwards import look_back
from watchkeeper.autopilot.intel_import import Wanted, import_files
from watchkeeper.detection import Detector, RuleSet, load_rules
from watchkeeper.detection.intel.canon import Defaults
from watchkeeper.detection.intel.installed import install_allow, open_installed
from watchkeeper.detection.intel.known import Known
from watchkeeper.detection.intel.matching import Matcher
from watchkeeper.detection.intel.observables import fields_of, observables
from watchkeeper.detection.intel.observing import Observer
from watchkeeper.detection.intel.warninglists import read_warninglists
from watchkeeper.ingest import read
from watchkeeper.lake import OBSERVED, ObservedWriter
from watchkeeper.model.batch import RESERVED, Batch
from watchkeeper.model.logsource import LogSource

DATA = sigma_corpus.DATA
LISTS = DATA / "intel" / "misp-warninglists.zip"
SEED = 7
INDICATORS = 1_000_000
SHARES = {"address": 0.4, "network": 0.05, "domain": 0.25, "url": 0.1, "hash": 0.2}
PLANTED = 200
"""Values of the corpus itself that are among the indicators, so that something is found."""
BACKWARDS_EVENTS, BATCH_ROWS = 10_000_000, 4_096
RARE = 2
"""How often such a value stands in the first events at most: what is bad is rare."""
_ROLES = {
    "resolvers": ("public-dns-v4", "public-dns-v6"),
    "content networks": ("akamai", "cloudflare", "fastly", "amazon-aws", "bunny-net", "stackpath", "microsoft-azure", "google-gcp"),
    "scanners": None,
}
"""Folders of lists to plant from; scanners are all whose folder says so."""


def generated(chance: random.Random, count: int) -> Iterator[str]:
    """Yield indicators of all kinds, a line each."""
    kinds, weights = list(SHARES), list(SHARES.values())
    for kind in chance.choices(kinds, weights, k=count):
        name = f"{chance.getrandbits(40):010x}.{chance.choice(('example', 'invalid', 'test'))}"
        match kind:
            case "address":
                yield str(ip_address(_public(chance)))
            case "network":
                yield str(ip_network((_public(chance), chance.randint(20, 30)), strict=False))
            case "domain":
                yield name
            case "url":
                yield f"http://{name}/{chance.getrandbits(32):08x}.php?id={chance.getrandbits(16)}"
            case _:
                yield sha256(chance.randbytes(8)).hexdigest()


def _public(chance: random.Random) -> int:
    while (number := chance.getrandbits(32)) >> 24 in (0, 10, 127, 169, 172, 192, 100) or number >> 28 >= 14:
        continue
    return number


def planted(batches: list[Batch], chance: random.Random) -> dict[str, list[tuple[str, str]]]:
    """Choose values of the events themselves, by the text they stand in: (field kind, text)."""
    found: dict[str, Counter[str]] = {}
    for batch in batches:
        for field, kind in fields_of(batch.logsource).items():
            if kind in ("address", "hash", "domain", "host") and field in batch.table.column_names:
                texts = batch.table.column(field).to_pylist()
                found.setdefault(kind, Counter()).update(text for text in texts if isinstance(text, str) and text)
    rare = {kind: sorted(text for text, count in counts.items() if count <= RARE) for kind, counts in found.items()}
    return {kind: [(kind, text) for text in chance.sample(texts, min(len(texts), PLANTED // 4))] for kind, texts in rare.items()}


def stream(events: int | None, folder: Path) -> dict[str, Any]:
    chance = random.Random(SEED)  # noqa: S311 - seeded, not secret
    corpus = sigma_corpus.real()
    first = [batch for _, batch in zip(range(60), (one for one in read([corpus]) if isinstance(one, Batch)), strict=False)]
    values = sorted({value for pairs in planted(first, chance).values() for kind, text in pairs for value in observables(kind, text)})
    values = [(kind, value) for kind, value in values if kind in ("address", "hash", "domain")]
    given = folder / "indicators.txt"
    given.write_text("\n".join([*generated(chance, INDICATORS - len(values)), *(value for _, value in values)]) + "\n", "ascii")
    start, start_cpu = time.perf_counter(), time.process_time()
    import_files([given], Wanted(Defaults("bench", inside=False)), folder / "intel", datetime.now(UTC))
    imported, imported_cpu = time.perf_counter() - start, time.process_time() - start_cpu
    before, start = rss(), time.perf_counter()
    installed = open_installed(folder / "intel")
    if installed is None:
        sys.exit("nothing was installed")
    known = Known(installed.lookup, installed.allow())
    known.verdicts([("address", "192.0.2.1"), ("domain", "a.b.example"), ("hash", "0" * 64)])
    opened, taken = time.perf_counter() - start, rss() - before
    rules = load_rules([sigma_corpus.RULES])
    without, with_intel = Detector(rules), Detector(rules, intel=Matcher([known]))
    figures = _turns(corpus, without, with_intel, events)
    figures |= {
        "import_seconds": imported,
        "import_cpu_seconds": imported_cpu,
        "load_seconds": opened,
        "indicators": installed.lookup.indicators.num_rows,
    }
    return figures | {"lookup_resident_mb": taken / 1e6, "planted": len(values)}


def _turns(corpus: Path, without: Detector, with_intel: Detector, events: int | None) -> dict[str, Any]:
    seconds = {"read": 0.0, "without": 0.0, "with": 0.0}
    seen, signals, intel = 0, 0, 0
    turn = False
    items = read([corpus])
    warm: set[LogSource] = set()
    while True:
        start = time.process_time()
        batch = next(items, None)
        reading = time.process_time() - start
        if batch is None or (events and seen >= events):
            break
        if not isinstance(batch, Batch):
            continue
        if batch.logsource not in warm:  # rules are compiled for each kind of events; that is no part of matching
            warm.add(batch.logsource)
            without.signals(batch)
            with_intel.signals(batch)
        found: dict[str, Any] = {}
        for name, detector in (("without", without), ("with", with_intel))[:: -1 if turn else 1]:
            start = time.process_time()
            found[name] = detector.signals(batch)
            seconds[name] += time.process_time() - start
        turn = not turn
        seconds["read"] += reading
        seen += batch.table.num_rows
        signals += found["without"].num_rows
        intel += found["with"].num_rows - found["without"].num_rows
    rate = {name: seen / (seconds["read"] + seconds[name]) for name in ("without", "with")}
    return {
        "events": seen, "seconds": seconds, "events_per_second": rate, "fall": 1 - rate["with"] / rate["without"],
        "fall_of_detection_alone": 1 - seconds["without"] / seconds["with"],
        "microseconds_an_event": (seconds["with"] - seconds["without"]) / seen * 1e6, "signals": signals, "intel_signals": intel,
    }  # fmt: skip


def backwards(_: int | None, folder: Path) -> dict[str, Any]:
    """Let generated firewall and name server events be observed as any, then match them."""
    chance = random.Random(SEED)  # noqa: S311 - seeded, not secret
    given = folder / "indicators.txt"
    lines = list(generated(chance, INDICATORS))
    given.write_text("\n".join(lines) + "\n", "ascii")
    import_files([given], Wanted(Defaults("bench")), folder / "intel", datetime.now(UTC))
    case = folder / "case"
    observer, writer = Observer(), ObservedWriter(case / OBSERVED)
    planted = [line for line in chance.sample(lines, 5_000) if line[0].isdigit() and "/" not in line][:PLANTED]
    start, events = time.process_time(), 0
    making = 0.0
    for number in range(BACKWARDS_EVENTS // BATCH_ROWS + 1):
        before = time.process_time()
        batch = _events(number, planted)
        making += time.process_time() - before
        observer.take(batch)
        events += batch.table.num_rows
        if observer.is_full:
            writer.add(observer.taken_out())
    writer.add(observer.taken_out())
    observing = time.process_time() - start - making
    installed = open_installed(folder / "intel")
    if installed is None:
        sys.exit("nothing was installed")
    start, cpu = time.perf_counter(), time.process_time()
    looked = look_back([case], Known(installed.lookup, installed.allow()))
    size = sum(part.stat().st_size for part in (case / OBSERVED).iterdir())
    return {
        "events": events, "match_seconds": time.perf_counter() - start, "match_cpu_seconds": time.process_time() - cpu,
        "observing_microseconds_an_event": observing / events * 1e6, "observed_bytes_an_event": size / events,
        "values_matched": len(looked.matches), "planted": len(planted), "cut": looked.cut,
    }  # fmt: skip


def _events(number: int, planted: list[str]) -> Batch:
    """Give events of which half name an address and half a domain; one in eight names a value that no other event does."""
    chance = np.random.default_rng([SEED, number])
    size = BATCH_ROWS
    start = number * size
    common, new = chance.integers(0, 200_000, size), chance.integers(0, 8, size) == 0
    numbers = np.where(new, start + np.arange(size) + 1_000_000, common)
    addresses = [f"{20 + (n >> 24) % 80}.{(n >> 16) & 255}.{(n >> 8) & 255}.{n & 255}" if n % 2 else None for n in numbers.tolist()]
    domains = [None if n % 2 else f"h{n & 1023}.s{n >> 10}.corp-{n % 977}.example" for n in numbers.tolist()]
    if planted and number % 10 == 0:
        addresses[0] = planted[number // 10 % len(planted)]
    seconds = start + np.arange(size)
    times = (np.datetime64("2026-01-01", "us") + seconds * np.timedelta64(1, "s")).tolist()
    reserved = [
        [f"{start + place:032x}" for place in range(size)], [moment.replace(tzinfo=UTC) for moment in times],
        [f"host{n}" for n in chance.integers(0, 500, size).tolist()], ["generated"] * size, list(range(start, start + size)), [""] * size,
    ]  # fmt: skip
    table = pa.table(reserved, schema=RESERVED)
    table = table.append_column("DestinationIp", pa.array(addresses, pa.string()))
    return Batch(LogSource(product="windows", service="", event_type=""), table.append_column("QueryName", pa.array(domains, pa.string())))


def allow(_: int | None, folder: Path) -> dict[str, Any]:
    """Plant values that lists cover, in the lists' own words, and look for them."""
    if not LISTS.is_file():
        sys.exit(f"no warning lists at {LISTS}; set WATCHKEEPER_DATA to where the public data sets are")
    chance = random.Random(SEED)  # noqa: S311 - seeded, not secret
    start = time.process_time()
    read_lists = read_warninglists(LISTS)
    install_allow(folder / "intel", read_lists.lists)
    figures: dict[str, Any] = {"lists": len(read_lists.lists.lists), "install_cpu_seconds": time.process_time() - start}
    planted = _planted(chance)
    (folder / "bad.txt").write_text("\n".join({address for addresses in planted.values() for address in addresses}) + "\n", "ascii")
    import_files([folder / "bad.txt"], Wanted(Defaults("bench")), folder / "intel", datetime.now(UTC))
    installed = open_installed(folder / "intel")
    if installed is None:
        sys.exit("nothing was installed")
    detector = Detector(RuleSet((), ()), intel=Matcher([Known(installed.lookup, installed.allow())]))
    control = Detector(RuleSet((), ()), intel=Matcher([Known(installed.lookup)]))
    for role, addresses in planted.items():
        batch = _of(addresses)
        figures[role] = {
            "planted": len(addresses), "raised": detector.signals(batch).num_rows, "raised_without_lists": control.signals(batch).num_rows,
        }  # fmt: skip
    return figures


def _planted(chance: random.Random) -> dict[str, list[str]]:
    """Choose public addresses from the lists, read here with nothing but `json` and `ipaddress`."""
    found: dict[str, set[str]] = {role: set() for role in _ROLES}
    with zipfile.ZipFile(LISTS) as archive:
        for name in archive.namelist():
            folder = name.split("/")[-2] if name.endswith("list.json") else ""
            for role, folders in _ROLES.items():
                if folder and (folder in folders if folders else "scanning" in folder or "scanner" in folder):
                    entries = json.loads(archive.read(name))["list"]
                    networks = [ip_network(entry, strict=False) for entry in chance.sample(entries, min(len(entries), PLANTED))]
                    found[role].update(str(one[chance.randrange(min(one.num_addresses, 1 << 16))]) for one in networks if one.is_global)
    return {role: sorted(addresses) for role, addresses in found.items()}


def _of(addresses: list[str]) -> Batch:
    size = len(addresses)
    reserved = [
        [f"{place:032x}" for place in range(size)], [datetime(2026, 1, 1, tzinfo=UTC)] * size, ["host"] * size, ["planted"] * size,
        list(range(size)), [""] * size,
    ]  # fmt: skip
    table = pa.table(reserved, schema=RESERVED).append_column("DestinationIp", pa.array(addresses, pa.string()))
    return Batch(LogSource(product="windows", service="", event_type=""), table)


PARTS = {"stream": stream, "backwards": backwards, "allow": allow}


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("parts", nargs="*", default=list(PARTS))
    options.add_argument("--events", type=int, help="of the corpus, for a first look")
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as made:
        for part in chosen.parts:
            folder = Path(made) / part
            folder.mkdir()
            figures[part] = PARTS[part](chosen.events, folder)
    print(json.dumps(figures, indent=1))
    if chosen.json:
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

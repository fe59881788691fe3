"""One measurement of `bench-sigma` in a process of its own: takes a task as JSON, prints what it measured as JSON. Owns no comparison.

Reading the corpus, loading rules and the machine code of the kernels are left out of every time; compiling rules for kinds of events is
timed by itself. CPU seconds are the process's own, so that a busy machine does not count against an engine; wall-clock seconds are beside.
"""

import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from resident import peak_rss, rss

from watchkeeper.detection import RuleSet, load_rules
from watchkeeper.detection.lines import LineDetector

Figures = dict[str, float]

CHUNK_BYTES = 2 * 1024 * 1024
UNIQUE_FIELDS = (
    "CommandLine", "ParentCommandLine", "Image", "ParentImage", "TargetFilename", "TargetObject", "Details", "ImageLoaded", "QueryName",
    "DestinationHostname", "ScriptBlockText", "Payload", "PipeName", "ObjectName", "NewProcessName", "Hashes",
    "CallTrace", "SourceImage", "TargetImage",
)  # fmt: skip
"""What the flood makes different in every event that has it."""
MARK = b"0123456789abcdef"[::-1]
"""Stands where the flood writes a number; 16 characters."""


_KIND = re.compile(rb'"Channel":\s?"([^"]*)"'), re.compile(rb'"EventID":\s?"?(\d+)')
_decode = msgspec.json.Decoder().decode


def chunks(path: Path, start: int = 0, end: int | None = None, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """Yield the whole lines of a part of the file, about so many bytes at a time."""
    with path.open("rb") as file:
        file.seek(start)
        left = (path.stat().st_size if end is None else end) - start
        while left > 0:
            piece = file.read(min(size, left))
            if not piece.endswith(b"\n"):
                piece += file.readline()
            left -= len(piece)
            yield piece


class Clock:
    """CPU and wall-clock seconds of the work it was given."""

    def __init__(self) -> None:
        self.cpu = self.wall = 0.0

    def run(self, work: Callable[[bytes], Any], data: bytes) -> Any:
        """Do the work and add its time."""
        cpu, wall = time.process_time(), time.perf_counter()
        result = work(data)
        self.cpu += time.process_time() - cpu
        self.wall += time.perf_counter() - wall
        return result


def parse(data: bytes) -> int:
    """Decode each line with msgspec and nothing else: the yardstick."""
    lines = data.split(b"\n")
    lines.pop()
    for line in lines:
        try:
            _decode(line)
        except msgspec.DecodeError:
            continue
    return len(lines)


def over(work: Callable[[bytes], Any], pieces: Iterable[bytes], *, beside: bool = True) -> Figures:
    """Time the work on each piece, and parsing alone on the same piece right before it: what slows the machine slows both."""
    clock, yardstick, events, size = Clock(), Clock(), 0, 0
    for data in pieces:
        events += yardstick.run(parse, data) if beside else data.count(b"\n")
        clock.run(work, data)
        size += len(data)
    parsing = {"parse_cpu": yardstick.cpu, "parse_wall": yardstick.wall} if beside else {}
    return {"events": events, "bytes": size, "cpu": clock.cpu, "wall": clock.wall, **parsing}


def detect(corpus: str, rules: str, engine: Any, passes: int = 1, part: tuple[int, int | None] = (0, None)) -> list[Figures]:
    """Run an engine over a part of the corpus; in the first pass every value is new, in the next ones none is."""
    detector = heated(rules, engine, Path(corpus))
    compiling = settled(detector, Path(corpus))
    return [_counted(detector, chunks(Path(corpus), *part)) | compiling for _ in range(passes)]


def share(corpus: str, rules: str, engine: Any, part: tuple[int, int | None]) -> list[Figures]:
    """Be one of several workers: say when ready, begin when told."""
    detector = heated(rules, engine, Path(corpus))
    settled(detector, Path(corpus))
    print("ready", flush=True)
    sys.stdin.readline()
    return [_counted(detector, chunks(Path(corpus), *part), beside=False)]


def sample(corpus: str, rules: str, engine: Any, events: int) -> list[Figures]:
    """Run an engine over the first events of the corpus, the second time they come, so that every rule they need is compiled."""
    detector = heated(rules, engine, Path(corpus))
    with Path(corpus).open("rb") as file:
        pieces = [b"".join(islice(file, 1_000)) for _ in range(0, events, 1_000)]
    for data in pieces:
        detector.hits(data)
    return [_counted(detector, pieces)]


def _counted(detector: LineDetector, pieces: Iterable[bytes], *, beside: bool = True) -> Figures:
    found, malformed = 0, detector.malformed

    def work(data: bytes) -> None:
        nonlocal found
        found += len(detector.hits(data).offsets)

    figures = over(work, pieces, beside=beside)
    return figures | {"hits": found, "malformed": detector.malformed - malformed, "peak_rss": peak_rss()}


def latency(corpus: str, rules: str, engine: Any, before: int, batches: dict[str, int]) -> list[Figures]:
    """Time batches of several sizes, each over events that come for the first time, then over the same again."""
    detector = heated(rules, engine, Path(corpus))
    settled(detector, Path(corpus))
    measured: list[Figures] = []
    with Path(corpus).open("rb") as file:
        for _ in range(0, before, 1_000):
            detector.hits(b"".join(islice(file, 1_000)))
        for size, count in batches.items():
            made = [b"".join(islice(file, int(size))) for _ in range(count)]
            first = _each(detector.hits, made)
            again = _each(detector.hits, made)
            measured += [
                {"size": int(size), "batches": count, "repeated": name == "again"} | times
                for name, times in (("first", first), ("again", again))
            ]
    return measured


def _each(work: Callable[[bytes], Any], batches: list[bytes]) -> Figures:
    walls, cpus = np.empty(len(batches)), np.empty(len(batches))
    for place, data in enumerate(batches):
        cpu, wall = time.process_time_ns(), time.perf_counter_ns()
        work(data)
        walls[place], cpus[place] = time.perf_counter_ns() - wall, time.process_time_ns() - cpu
    return {
        f"{name}_p{share}_ms": float(np.percentile(times, share)) / 1e6
        for name, times in (("wall", walls), ("cpu", cpus))
        for share in (50, 99)
    }


def flood(corpus: str, rules: str, engine: Any, events: int, seconds: float) -> list[Figures]:
    """Feed events in which every telling value is unique, and note the memory along the way; nothing was run before."""
    templates = [np.frombuffer(data, np.uint8).copy() for data in islice(_marked(Path(corpus)), 8)]
    places = [_places(template) for template in templates]
    detector = LineDetector(windows_rules(rules), "windows", engine)
    clock, done, number, size, found = Clock(), 0, 0, 0, 0
    noted: list[Figures] = []
    began = time.perf_counter()
    while done < events and (spent := time.perf_counter() - began) < seconds:
        turn = number % len(templates)
        number += 1
        data = _filled(templates[turn], places[turn], number)
        found += len(clock.run(detector.hits, data).offsets)
        done, size = detector.events, size + len(data)
        if len(noted) < 20 * max(done / events, spent / seconds):
            noted.append({"events": done, "seconds": round(spent, 1), "rss": rss()})
            print(f"  flood: {done:,} events, {noted[-1]['rss'] / 1e6:,.0f} MB", file=sys.stderr, flush=True)
    last = {"events": done, "bytes": size, "cpu": clock.cpu, "wall": clock.wall, "hits": found, "rss": rss(), "peak_rss": peak_rss()}
    return [*noted, last]


def _marked(path: Path) -> Iterator[bytes]:
    encode = msgspec.json.Encoder().encode
    for data in chunks(path):
        lines: list[bytes] = []
        for line in data.splitlines():
            try:
                event = _decode(line)
            except msgspec.DecodeError:
                continue
            event |= {name: f"{event[name]} {MARK.decode()}" for name in UNIQUE_FIELDS if isinstance(event.get(name), str)}
            lines.append(encode(event))
        yield b"\n".join(lines) + b"\n"


def _places(template: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    text, found, at = template.tobytes(), [], 0
    while (at := text.find(MARK, at)) >= 0:
        found.append(at)
        at += len(MARK)
    return np.array(found, np.int64)


def _filled(template: np.ndarray[Any, Any], places: np.ndarray[Any, Any], number: int) -> bytes:
    """Write a number of 16 hexadecimal digits, never the same twice, where the marks stand."""
    numbers = (np.uint64(number) << np.uint64(24)) + np.arange(len(places), dtype=np.uint64)
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15)  # odd, so that different numbers stay different
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    for place in range(len(MARK)):
        template[places + place] = digits[(mixed >> np.uint64(4 * place)) & np.uint64(15)]
    return template.tobytes()


def windows_rules(path: str) -> RuleSet:
    """Give the rules that say they are about Windows; correlations and rules of other products are left out."""
    rules = load_rules([Path(path)])
    return replace(rules, rules=tuple(rule for rule in rules.rules if rule.source.product == "windows"), correlations=())


def heated(rules: str, engine: Any, corpus: Path) -> LineDetector:
    """Give a detector of the Windows rules; the kernels' machine code was loaded by another one with a few rules, over a few lines."""
    ruleset = windows_rules(rules)
    with corpus.open("rb") as file:
        LineDetector(replace(ruleset, rules=ruleset.rules[::20]), "windows", engine).hits(b"".join(islice(file, 200)))
    return LineDetector(ruleset, "windows", engine)


def settled(detector: LineDetector, corpus: Path) -> Figures:
    """Have the rules compiled for every kind of event: run the first event of each; give how long that took."""
    first: dict[tuple[bytes, ...], bytes] = {}
    with corpus.open("rb") as file:
        for line in file:
            first.setdefault(tuple(part[1] for one in _KIND if (part := one.search(line))), line)
    clock = Clock()
    clock.run(detector.hits, b"".join(first.values()))
    return {"kinds": len(first), "compile_cpu": clock.cpu, "compile_wall": clock.wall}


MEASUREMENTS = {one.__name__: one for one in (detect, share, sample, latency, flood)}

if __name__ == "__main__":
    task = json.loads(sys.argv[1])
    print(json.dumps(MEASUREMENTS[task.pop("what")](**task)), flush=True)

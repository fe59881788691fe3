"""Speed and memory of the Sigma engines on Windows events: `make bench-sigma`. Owns the comparison and the table.

    make bench-sigma                                   everything, about fifteen minutes on two cores
    python bench/sigma_speed.py speed latency          some of it; --megabytes 50 --rounds 1 for a first look

Each figure has its own process. One-core figures are events per CPU second. Every engine takes turns with msgspec, which only parses, on
each 2 MiB of the corpus, and ratios are ratios of that yardstick: a machine that does other things slows both. The median of the rounds
counts. Rules are compiled before, for both engines; how long that takes is said. Two workers and latency are wall clock. Corpora are made
by `sigma_corpus.py`; `docs/scorecard.md` quotes the table.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

import sigma_corpus
from llvmlite import binding
from sigma_corpus import RULES

HERE = Path(__file__).resolve().parent
PARTS = ("speed", "latency", "memory", "start", "evtx", "lanes")
SAMPLE = 10_000
"""Events on which the reference is timed, the second time they come, so that compiling its rules does not count."""
BATCHES = {1: 2_000, 100: 400, 1_000: 200}
"""Sizes of batches, and how many of each."""
BATCHES_BEFORE = 100_000
HOUR_EVENTS = 36_000_000
"""An hour at 10,000 events a second."""
START = """
import sys
from pathlib import Path
from watchkeeper.detection import load_rules
from watchkeeper.detection.lines import LineDetector
with open(sys.argv[2], "rb") as file:
    line = file.readline()
LineDetector(load_rules([Path(sys.argv[1])]), "windows", sys.argv[3]).hits(line)
print("verdict", flush=True)
"""

_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    what: str
    least: float | None
    aim: float | None
    measured: float
    unit: str
    beside: str
    """Absolute figures."""

    @property
    def verdict(self) -> str:
        """Say whether it is good enough; ratios should be high, everything else low."""
        if self.least is None or self.aim is None:
            return ""
        sign = 1 if self.unit == "x" else -1
        return "aim" if sign * self.measured >= sign * self.aim else "ok" if sign * self.measured >= sign * self.least else "SHORT"


@dataclass(frozen=True)
class Asked:
    """What a run is asked to do."""

    engine: str
    rounds: int
    megabytes: int | None
    flood_seconds: float
    flood_events: int

    def end(self, corpus: Path) -> int:
        """Give where the part of a corpus that is used ends."""
        size = corpus.stat().st_size
        return min(size, self.megabytes * 1_000_000) if self.megabytes else size


def child(program: str, task: dict[str, Any], env: Mapping[str, str] = _NOTHING) -> subprocess.Popen[str]:
    words = [sys.executable, str(HERE / program), json.dumps(task)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**environment(), **env})


def environment() -> dict[str, str]:
    """Give the environment of a child: one thread, and bytecode kept as an installation keeps it, even if this process is told not to."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, "OMP_NUM_THREADS": "1", "PYTHONPYCACHEPREFIX": str(sigma_corpus.KEPT / "bytecode")}


def heard(process: subprocess.Popen[str]) -> None:
    """Wait until the child says something."""
    if process.stdout is None or not process.stdout.readline():
        sys.exit("a measurement failed; its error stands above")


def told(process: subprocess.Popen[str]) -> None:
    """Tell the child to begin."""
    if process.stdin is not None:
        process.stdin.write("go\n")
        process.stdin.flush()


def result(process: subprocess.Popen[str]) -> list[dict[str, Any]]:
    out, _ = process.communicate()
    if process.returncode:
        sys.exit(f"a measurement failed with exit code {process.returncode}; its error stands above")
    return json.loads(out.splitlines()[-1])


def measure(what: str, asked: Asked, corpus: Path, env: Mapping[str, str] = _NOTHING, **task: Any) -> list[dict[str, Any]]:
    task = {"what": what, "engine": asked.engine, "corpus": str(corpus), "rules": str(RULES), **task}
    return result(child("sigma_measure.py", task, env))


def detected(asked: Asked, corpus: Path, passes: int = 1, env: Mapping[str, str] = _NOTHING) -> list[dict[str, Any]]:
    return measure("detect", asked, corpus, env, passes=passes, part=[0, asked.end(corpus)])


def two(asked: Asked, corpus: Path) -> dict[str, Any]:
    """Run two workers on the halves of the corpus at the same time."""
    end = asked.end(corpus)
    with corpus.open("rb") as file:
        file.seek(end // 2)
        file.readline()
        middle = file.tell()
    task = {"what": "share", "corpus": str(corpus), "rules": str(RULES), "engine": asked.engine}
    workers = [child("sigma_measure.py", {**task, "part": part}) for part in ([0, middle], [middle, end])]
    for worker in workers:
        heard(worker)
    for worker in workers:
        told(worker)
    both = [result(worker)[0] for worker in workers]
    total = {name: sum(one[name] for one in both) for name in ("events", "bytes", "hits", "cpu")}
    return {**total, "wall": max(one["wall"] for one in both), "peak_rss": max(one["peak_rss"] for one in both)}


def rate(run: dict[str, Any], clock: str = "cpu") -> float:
    return run["events"] / run[clock]


def rates(runs: Sequence[dict[str, Any]], clock: str = "cpu") -> str:
    """Write the median speed, and the spread if there were several runs."""
    found = sorted(rate(run, clock) for run in runs)
    spread = f" ({found[0]:,.0f} to {found[-1]:,.0f})" if len(found) > 1 else ""
    size = median(run["bytes"] / run[clock] for run in runs) / 1e6
    return f"{median(found):,.0f} events/s{spread}, {size:,.0f} MB/s"


def parsed(runs: Sequence[dict[str, Any]]) -> float:
    """Give the speed against parsing only."""
    return median(run["parse_cpu"] / run["cpu"] for run in runs)


def speed(asked: Asked, raw: dict[str, Any]) -> Iterator[Line]:
    real, stress = sigma_corpus.real(), sigma_corpus.stress()
    reference = replace(asked, engine="reference")
    rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in ("first", "again", "two", "reference", "stress", "stress_reference")}
    for number in range(1, asked.rounds + 1):
        print(f"  speed: round {number} of {asked.rounds}", file=sys.stderr, flush=True)
        first, again = detected(asked, real, passes=2)
        rounds["first"].append(first)
        rounds["again"].append(again)
        rounds["two"].append(two(asked, real))
        rounds["stress"] += detected(asked, stress)
        rounds["reference"] += measure("sample", reference, real, events=SAMPLE)
        rounds["stress_reference"] += measure("sample", reference, stress, events=SAMPLE)
    raw["speed"] = rounds
    yield from _compared(rounds)


def _compared(rounds: dict[str, list[dict[str, Any]]]) -> Iterator[Line]:
    first, again, stress, workers = rounds["first"], rounds["again"], rounds["stress"], rounds["two"]
    yardstick = f"parsing only {rates(first, 'parse_cpu')}"
    compiling = median(one["compile_cpu"] for one in first)
    said = (
        f"{rates(first)}; {first[0]['events']:,} events, {first[0]['hits']:,} hits, {first[0]['malformed']} malformed; "
        f"compiling the rules for {first[0]['kinds']} kinds of events before took {compiling:.1f} s"
    )
    share = parsed(first) / parsed(rounds["reference"])
    yield Line(
        "one core, real, all first seen: against the reference", 45, 70, share, "x", f"{said}; reference {rates(rounds['reference'])}"
    )
    yield Line("… against msgspec, parsing only", 0.3, 0.5, parsed(first), "x", yardstick)
    share = median(rate(both, "wall") / rate(one, "wall") for both, one in zip(workers, first, strict=True))
    yield Line("two workers against one", 1.8, 1.95, share, "x", f"{rates(workers, 'wall')} of wall clock; one {rates(first, 'wall')}")
    yield Line("values repeat, one core: against parsing only", 0.7, 1.2, parsed(again), "x", rates(again))
    share = parsed(stress) / parsed(rounds["stress_reference"])
    said = (
        f"{rates(stress)}, {parsed(stress):.2f} x parsing only; {stress[0]['hits']:,} hits; reference {rates(rounds['stress_reference'])}"
    )
    yield Line("stress mix, all first seen, one core: against the reference", 65, 120, share, "x", said)
    peaks = f"after the real corpus {first[0]['peak_rss'] / 1e6:,.0f} MB, after twice {again[0]['peak_rss'] / 1e6:,.0f} MB"
    yield Line("memory at most, stress mix", None, None, stress[0]["peak_rss"] / 1e6, "MB", peaks)


def latency(asked: Asked, raw: dict[str, Any]) -> Iterator[Line]:
    runs = [measure("latency", asked, sigma_corpus.real(), before=BATCHES_BEFORE, batches=BATCHES) for _ in range(asked.rounds)]
    raw["latency"] = runs
    for same in zip(*runs, strict=True):
        size, repeated, count = same[0]["size"], same[0]["repeated"], same[0]["batches"]
        found = {name: median(one[name] for one in same) for name in ("wall_p50_ms", "wall_p99_ms", "cpu_p99_ms")}
        targets = (11.0, 6.0) if size == 1_000 and not repeated else (None, None)
        said = f"p50 {found['wall_p50_ms']:.3f} ms, p99 in CPU time {found['cpu_p99_ms']:.3f} ms, {count:,} batches"
        yield Line(f"batch of {size:,}, {'repeated' if repeated else 'first seen'}, p99", *targets, found["wall_p99_ms"], "ms", said)


def memory(asked: Asked, raw: dict[str, Any]) -> Iterator[Line]:
    *along, last = measure("flood", asked, sigma_corpus.stress(), events=asked.flood_events, seconds=asked.flood_seconds)
    raw["memory"] = [*along, last]
    quarter = next(one for one in along if one["events"] >= last["events"] / 4)
    hours = last["events"] / HOUR_EVENTS
    said = (
        f"{last['rss'] / 1e6:,.0f} MB at the end, {quarter['rss'] / 1e6:,.0f} MB after a quarter; {last['events']:,} events "
        f"({hours:.0%} of an hour at 10,000/s), {rates([last])}"
    )
    yield Line("memory of a worker at most, unique values", 450, 300, last["peak_rss"] / 1e6, "MB", said)


def start(asked: Asked, raw: dict[str, Any]) -> Iterator[Line]:
    words = [sys.executable, "-c", START, str(RULES), str(sigma_corpus.real()), asked.engine]
    found: list[float] = []
    cpu: list[float] = []
    for _ in range(2 * asked.rounds + 2):
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment()) as process:
            heard(process)
            found.append(time.perf_counter() - began)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    warm = found[1:]
    raw["start"] = {"wall": found, "cpu": cpu}
    yield Line(
        "cached start to first verdict",
        1.5,
        0.7,
        median(warm),
        "s",
        f"{min(warm):.2f} to {max(warm):.2f} s, {median(cpu[1:]):.2f} s CPU, {len(warm)} starts",
    )


def evtx(asked: Asked, raw: dict[str, Any]) -> Iterator[Line]:
    runs = result(child("sigma_evtx.py", {"folder": str(sigma_corpus.evtx()), "rules": str(RULES), "rounds": asked.rounds}))
    raw["evtx"] = runs
    share = median(2 * one["bare"]["cpu"] / (one["thrice"]["cpu"] - one["once"]["cpu"]) for one in runs)
    one = runs[0]
    bare, once, thrice, loading = (median(run[name]["cpu"] for run in runs) for name in ("bare", "once", "thrice", "loading"))
    said = (
        f"{one['events']:,} events, {one['bytes'] / 1e6:.0f} MB, {one['signals']:,} signals: {(thrice - once) / 2:.2f} s for each time "
        f"the files come again; {once:.2f} s the first time, rules loaded ({loading:.2f} s) and compiled; "
        f"the parser {one['records']:,} records in {bare:.2f} s"
    )
    yield Line("EVTX, all rules, against the bare parser", 0.7, 0.9, share, "x", said)


def lanes(asked: Asked, raw: dict[str, Any]) -> Iterator[Line]:
    real = sigma_corpus.real()
    host: dict[str, bool] = dict(binding.get_host_cpu_features())
    off = [name for name, there in host.items() if there and name.startswith(("avx512", "avx10", "amx"))]
    kept = ",".join(f"{'+' if there and name not in off else '-'}{name}" for name, there in host.items())
    env = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": kept, "NUMBA_CACHE_DIR": str(sigma_corpus.KEPT / "narrow")}
    detected(replace(asked, megabytes=20), real, env=env)
    runs: dict[str, list[dict[str, Any]]] = {"narrow": [], "wide": []}
    for _ in range(asked.rounds):
        runs["wide"] += detected(asked, real)
        runs["narrow"] += detected(asked, real, env=env)
    raw["lanes"] = {"switched_off": off, **runs}
    said = f"{rates(runs['narrow'])}; with it {rates(runs['wide'])}; hyperscan chooses for itself"
    yield Line("without AVX-512 against with it", None, None, parsed(runs["narrow"]) / parsed(runs["wide"]), "x", said)


MEASURED = dict(zip(PARTS, (speed, latency, memory, start, evtx, lanes), strict=True))


def shown(line: Line) -> str:
    def number(value: float | None) -> str:
        return "-" if value is None else f"{value:.3g} {line.unit}"

    return f"| {line.what} | {number(line.least)} | {number(line.aim)} | **{number(line.measured)}** {line.verdict} | {line.beside} |"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("parts", nargs="*", choices=[*PARTS, []], default=list(PARTS), help="what to measure; everything unless said")
    options.add_argument("--engine", choices=["fused", "reference"], default="fused")
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--megabytes", type=int, help="use only so much of each corpus")
    options.add_argument("--flood-seconds", type=float, default=60.0, help="stop feeding unique values then")
    options.add_argument("--flood-events", type=int, default=HOUR_EVENTS, help="or after so many events")
    options.add_argument("--json", type=Path, help="write every figure there")
    chosen = options.parse_args()
    asked = Asked(chosen.engine, chosen.rounds, chosen.megabytes, chosen.flood_seconds, chosen.flood_events)
    raw: dict[str, Any] = {"asked": asdict(asked), "load_average_before": os.getloadavg(), "cores": os.cpu_count()}
    lines: list[Line] = []
    print("| what | at least | aim | measured | figures |\n|---|---|---|---|---|")
    for part in PARTS:
        if part in chosen.parts:
            for line in MEASURED[part](asked, raw):
                lines.append(line)
                print(shown(line), flush=True)
    before, after = raw["load_average_before"], os.getloadavg()
    print(f"\n{asked.rounds} rounds, {os.cpu_count()} cores, load {before[0]:.1f} before and {after[0]:.1f} after.")
    if chosen.json:
        figures = {**raw, "load_average_after": after, "table": [{**asdict(line), "verdict": line.verdict} for line in lines]}
        chosen.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""The range as an exam: is the intrusion the first incident, does that incident hold the attack, and little else?

Scored from outside, from the files of the case folder and the range's ground truth. Prints a line a run and a summary.

    make bench-range                       every scenario with four seeds
    python bench/range.py --seeds 20       every scenario with twenty seeds
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow.parquet as pq

SCENARIOS = ("phishing-ransomware", "web-shell", "stolen-account", "insider-copying", "supply-chain")
FIRST_SEED = 100
"""Seeds below were used while building; the exam begins here."""


@dataclass(frozen=True)
class Run:
    """What one run's first incident holds."""

    scenario: str
    seed: int
    first: bool
    """The first incident is about the attack: most of its signals are on attack events."""
    signal_recall: float
    """Share of the attack events with a signal that are in the first incident."""
    purity: float
    """Share of the first incident's signals that are on attack events."""
    event_recall: float
    """Share of all logged attack events that the first incident holds, by signal or by its trace."""
    event_purity: float
    """Share of the events that the first incident holds that are attack events."""
    signalled: int
    attack_events: int
    incidents: int
    seconds: float


def watchkeeper(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "watchkeeper", *arguments], check=True, capture_output=True)


def run(scenario: str, seed: int, rules: list[str]) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        place, case = Path(folder) / "range", Path(folder) / "case"
        watchkeeper("range", "generate", "--scenario", scenario, "--seed", str(seed), "--out", str(place))
        began = time.perf_counter()
        more = [word for path in rules for word in ("--rules", path)]
        watchkeeper(
            "investigate", str(place / "evidence"), "--assets", str(place / "assets.yml"), "--out", str(case),
            "--state", str(Path(folder) / "state"), "--keep", "all", *more,
        )  # fmt: skip
        return score(scenario, seed, place, case, time.perf_counter() - began)


def score(scenario: str, seed: int, place: Path, case: Path, seconds: float) -> Run:
    lines = (place / "truth" / "attack_events.jsonl").read_text("utf-8").splitlines()
    truth = {(event["file"], event["row"]) for event in map(json.loads, lines)}
    signals = pq.read_table(case / "signals.parquet", columns=["source", "row", "rank", "event_id"]).to_pylist()
    fired = {(member(signal["source"]), signal["row"]) for signal in signals}
    first = {(member(signal["source"]), signal["row"]) for signal in signals if signal["rank"] == 1}
    held = first | traced(case)
    hits = len(first & truth)
    return Run(
        scenario=scenario,
        seed=seed,
        first=hits * 2 > len(first),
        signal_recall=hits / max(1, len(fired & truth)),
        purity=hits / max(1, len(first)),
        event_recall=len(held & truth) / max(1, len(truth)),
        event_purity=len(held & truth) / max(1, len(held)),
        signalled=len(fired & truth),
        attack_events=len(truth),
        incidents=len({signal["rank"] for signal in signals} - {None}),
        seconds=round(seconds, 1),
    )


def traced(case: Path) -> set[tuple[str, int]]:
    incidents = json.loads((case / "incidents.json").read_text("utf-8"))["incidents"]
    trace = incidents[0]["trace"] if incidents else None
    ids = set(trace["events"]) if trace else set()
    events = pq.read_table(case / "events", columns=["_id", "_source", "_row"]).to_pylist()
    return {(member(event["_source"]), event["_row"]) for event in events if event["_id"] in ids}


def member(source: str) -> str:
    return source.rpartition("evidence/")[2]


def summary(runs: list[Run]) -> dict[str, object]:
    return {
        "runs": len(runs),
        "first": sum(run.first for run in runs),
        "signal_recall_80": sum(run.signal_recall >= 0.8 for run in runs),
        "purity_80": sum(run.purity >= 0.8 for run in runs),
        "event_recall_80": sum(run.event_recall >= 0.8 for run in runs),
        "event_purity_80": sum(run.event_purity >= 0.8 for run in runs),
        "mean": {
            name: round(sum(getattr(run, name) for run in runs) / len(runs), 3)
            for name in ("signal_recall", "purity", "event_recall", "event_purity", "signalled", "attack_events", "incidents", "seconds")
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--scenario", action="append", choices=SCENARIOS)
    parser.add_argument("--rules", action="append", default=[], help="more Sigma rules than our own")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    runs: list[Run] = []
    for scenario in asked.scenario or SCENARIOS:
        for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
            done = run(scenario, seed, asked.rules)
            runs.append(done)
            print(
                f"{scenario:20} seed {seed}: first {'yes' if done.first else 'NO '}"
                f"  signals: recall {done.signal_recall:.2f} purity {done.purity:.2f}"
                f"  events: recall {done.event_recall:.2f} purity {done.event_purity:.2f}"
                f"  ({done.signalled} of {done.attack_events} signalled, {done.incidents} incidents, {done.seconds} s)",
                flush=True,
            )
    by_scenario = {
        scenario: summary([run for run in runs if run.scenario == scenario]) for scenario in dict.fromkeys(run.scenario for run in runs)
    }
    for name, figures in {**by_scenario, "all": summary(runs)}.items():
        print(name, json.dumps(figures))
    if asked.json:
        asked.json.write_text(
            json.dumps({"runs": [asdict(run) for run in runs], "by_scenario": by_scenario, "all": summary(runs)}, indent=1)
        )


if __name__ == "__main__":
    main()

"""The range as an exercise: its truth is the red team's plan, declared beforehand; what of each step is seen, judged, blocked and told?

Seeds as in `bench/range.py`. Nobody acts and nobody is told in a case that is investigated afterwards, so those columns are 0 there.

    make bench-exercise                    every scenario with one seed
    python bench/exercise.py --seeds 4     every scenario with four seeds
"""

import argparse
import json
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

SCENARIOS = ("phishing-ransomware", "web-shell", "stolen-account", "insider-copying", "supply-chain")
FIRST_SEED = 100
"""Seeds below were used while building; the exam begins here."""
STEP_MINUTES = 10
"""How long after its begin a step of the plan may be seen: the range's pauses are shorter."""


def watchkeeper(*arguments: str) -> str:
    return subprocess.run([sys.executable, "-m", "watchkeeper", *arguments], check=True, capture_output=True, text=True).stdout


def plan(story: dict[str, Any], addresses: list[str]) -> dict[str, Any]:
    """Write the truth down as a red team declares it; its own address inside is that of the hosts that it takes."""
    steps = [
        {
            "name": one["step"],
            "technique": one["technique"],
            "target": one["host"],
            "since": one["time"],
            "until": (_time(one["time"]) + timedelta(minutes=STEP_MINUTES)).isoformat(),
        }
        for one in story["steps"]
    ]
    window = {
        "since": (_time(story["start"]) - timedelta(minutes=5)).isoformat(),
        "until": (_time(story["end"]) + timedelta(hours=1)).isoformat(),
    }
    attackers = {"addresses": [*story["attackers"]["addresses"], *addresses], "hosts": story["hosts"], "accounts": story["accounts"]}
    return {"name": story["scenario"], "attackers": attackers, "scope": story["hosts"], "windows": [window], "plan": steps}


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def run(scenario: str, seed: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        place, state = Path(folder) / "range", str(Path(folder) / "state")
        watchkeeper("range", "generate", "--scenario", scenario, "--seed", str(seed), "--out", str(place))
        story = yaml.safe_load((place / "truth" / "story.yml").read_text("utf-8"))
        assets = yaml.safe_load((place / "assets.yml").read_text("utf-8"))["assets"]
        inside = [address for one in assets if one["name"] in story["hosts"] for address in one["addresses"]]
        declared = Path(folder) / "exercise.yml"
        declared.write_text(yaml.safe_dump(plan(story, inside)), "utf-8")
        watchkeeper("exercise", "declare", str(declared), "--why", "the exam", "--by", "bench", "--state", state)
        given = ("--assets", str(place / "assets.yml"), "--out", str(Path(folder) / "case"), "--state", state)
        watchkeeper("investigate", str(place / "evidence"), *given)
        scored = json.loads(watchkeeper("exercise", "score", scenario, "--format", "json", "--state", state))
    return summary(scenario, seed, scored)


def summary(scenario: str, seed: int, scored: dict[str, Any]) -> dict[str, Any]:
    steps = scored["steps"]
    named = {"seen": "signal", "incident": "incident", "verdict": "verdict_right", "blocked": "action", "told": "told"}
    return {
        "scenario": scenario,
        "seed": seed,
        "steps": len(steps),
        **{name: sum(bool(one[field]) for one in steps) for name, field in named.items()},
        "by_technique": sum(one["seen_by"] == "technique" for one in steps),
        "incidents": len(scored["incidents"]),
        "real": sum(one["outside"] > 0 for one in scored["incidents"]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    runs = [run(scenario, seed) for scenario in SCENARIOS for seed in range(FIRST_SEED, FIRST_SEED + asked.seeds)]
    for one in runs:
        print("  ".join(f"{name} {value}" for name, value in one.items()))
    counted = ("steps", "seen", "by_technique", "incident", "verdict", "blocked", "told", "incidents", "real")
    whole = {name: sum(one[name] for one in runs) for name in counted}
    print("all  " + "  ".join(f"{name} {value}" for name, value in whole.items()))
    if asked.json:
        asked.json.write_text(json.dumps({"runs": runs, "all": whole}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

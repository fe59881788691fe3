"""Scores a case folder that `watchkeeper investigate` wrote, from outside: `signals.parquet` and `incidents.json` against a CSV's labels.

    watchkeeper investigate fox_alerts.csv --mapping ait-ads --out CASE
    python bench/noise_score.py CASE fox_alerts.csv [--json out.json]

The figures are those of `noise_measure.py`, and beside them what `noise.py` computes in process: fold, session, incident, rank and
whether it is shown are read for each alert. Calibration: the probability of an attack is the sum of the verdict's malicious hypotheses,
which saw no label; it is compared with whether most of the incident's sessions belong to the attack.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from noise_alerts import labels_of
from noise_measure import measured, placed, same_sessions, sessions

BINS = 5
"""Of the reliability table, each as wide as the others."""
MOSTLY = 0.5


def scored(case: Path, alerts: Path) -> dict[str, Any]:
    """Give every figure of one case over one CSV of alerts.

    Raises:
        ValueError: the case is not about these alerts.
    """
    labels = labels_of(alerts)
    signals = pq.read_table(case / "signals.parquet", columns=["source", "row", "fold", "session", "incident", "rank", "shown"])
    sources = set(signals.column("source").unique().to_pylist())
    if {Path(source).name for source in sources} != {alerts.name} or signals.num_rows != len(labels.times):
        raise ValueError(f"{str(case)!r} holds {signals.num_rows} signals of {sorted(sources)!r}, not every row of {alerts.name!r} once")
    held = sessions(labels)
    figures = measured(held, *placed(held, signals))
    told = {incident["rank"]: incident for incident in json.loads((case / "incidents.json").read_text("utf-8"))["incidents"]}
    pairs = [(chance, one["purity"] > MOSTLY) for one in figures["incidents"] if (chance := attack_chance(told[one["rank"]])) is not None]
    counts = {"alerts": signals.num_rows, "folds": distinct_values(signals, "fold"), "same_sessions": same_sessions(held, signals)}
    return counts | figures | {"chances": pairs}


def distinct_values(table: pa.Table, name: str) -> int:
    """Count the distinct values of a column."""
    return len(table.column(name).unique())


def attack_chance(incident: dict[str, Any]) -> float | None:
    """Give the probability of an attack that the verdict holds, or nothing if there is no verdict."""
    verdict = incident["verdict"]
    return min(1.0, sum(one["probability"] for one in verdict["opinions"] if one["malicious"])) if verdict else None


def calibration(pairs: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    """Give the Brier score, and for each bin of chances how many there are, their mean, and how many came true."""
    if not pairs:
        return {"brier": "not measured", "reliability": []}
    brier = sum((chance - true) ** 2 for chance, true in pairs) / len(pairs)
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for chance, true in pairs:
        bins[min(BINS - 1, int(chance * BINS))].append((chance, true))
    table = [
        {"from": at / BINS, "incidents": len(held), "mean": round(sum(chance for chance, _ in held) / len(held), 3),
         "true": round(sum(true for _, true in held) / len(held), 3)}
        for at, held in enumerate(bins) if held
    ]  # fmt: skip
    return {"brier": round(brier, 4), "reliability": table}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", type=Path, help="folder that `watchkeeper investigate --out` wrote")
    parser.add_argument("alerts", type=Path, help="the CSV it read, with its labels")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    figures = scored(options.case, options.alerts)
    figures["calibration"] = calibration(figures.pop("chances"))
    print("\n".join(f"{name}: {json.dumps(value)}" for name, value in figures.items()))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""How much noise correlation folds away on alerts that others made, and what it costs. Labels are read by the exam alone.

    make bench-noise JSON=out.json                   everything, with all figures for machines
    python bench/noise.py shipped excytin            some of it; --only fox for one testbed

shipped: ait-ads with the thresholds that ship. baselines: beside it, what anybody could do instead (`noise_baselines.py`). held-out: each
testbed with thresholds chosen on the others (`noise_choose.py`). noise: two and six times the noise (`noise_multiply.py`). excytin: alerts
of four incidents grouped back. What each figure means stands in `noise_measure.py`. The shipped thresholds were first chosen on fox and
harrison, then lowered after a step of russellmitchell was seen to be missed, and what counts as a telling file or hash was decided on
excytin: only held-out is clean, and of the thresholds alone.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from noise_alerts import Testbed, correlated, read_testbeds, windows_of
from noise_baselines import baselines
from noise_choose import chosen, shown
from noise_excytin import excytin
from noise_measure import measured, placed, same_sessions, sessions, total
from noise_multiply import multiplied

from watchkeeper.correlation import Tuning

SHIPPED = Tuning()
NOISES = (2, 6)
Figures = dict[str, Any]


def shipped(beds: Sequence[Testbed]) -> Figures:
    """Give every testbed's figures with the thresholds that ship."""
    return _with_total({bed.name: _examined(bed) for bed in beds})


def _examined(bed: Testbed) -> Figures:
    got, held = correlated(bed.signals, SHIPPED), sessions(bed.labels)
    titles = [incident.title for incident in got.incidents]
    counts = {"alerts": bed.signals.num_rows, "folds": len(got.folds), "same_sessions": same_sessions(held, got.signals)}
    return counts | measured(held, *placed(held, got.signals)) | {"titles": titles}


def beside(beds: Sequence[Testbed]) -> Figures:
    """Give every baseline's figures, each testbed's and together."""
    by_bed: dict[str, dict[str, Figures]] = {}
    for bed in beds:
        held = sessions(bed.labels)
        ours = shown(bed, held, SHIPPED)
        by_bed[bed.name] = baselines(bed, held, ours["shown"], len(ours["incidents"]))
    names = list(next(iter(by_bed.values())))
    return {name: _with_total({bed: found[name] for bed, found in by_bed.items()}) for name in names}


def held_out(beds: Sequence[Testbed]) -> Figures:
    """Give each testbed's figures with thresholds chosen on the others."""
    picks = chosen(beds)
    figures = {bed.name: {"thresholds": asdict(picks[bed.name])} | shown(bed, sessions(bed.labels), picks[bed.name]) for bed in beds}
    return _with_total(figures)


def noisier(beds: Sequence[Testbed]) -> Figures:
    """Give every testbed's figures with its noise multiplied."""
    found: Figures = {}
    for times in NOISES:
        more = (multiplied(bed, times, windows_of(bed.name)) for bed in beds)
        found[f"{times} x"] = _with_total({bed.name: _examined(bed) for bed in more})
    return found


def _with_total(beds: Mapping[str, Figures]) -> Figures:
    return {**beds, "total": total(list(beds.values()))}


PARTS: dict[str, Callable[[Sequence[Testbed]], Figures]] = {
    "shipped": shipped,
    "baselines": beside,
    "held-out": held_out,
    "noise": noisier,
    "excytin": lambda _: excytin(SHIPPED),
}


def printed(part: str, figures: Figures) -> None:
    """Print a part, nested figures one a line."""
    for name, value in figures.items():
        if isinstance(value, dict) and any(isinstance(inner, dict) for inner in value.values()):
            printed(f"{part}, {name}", value)
        else:
            print(f"{part}, {name}:", json.dumps(value), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="what to measure; everything if none is named")
    parser.add_argument("--only", help="one testbed")
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    parts = options.parts or list(PARTS)
    beds = list(read_testbeds(options.only)) if set(parts) - {"excytin"} else []
    figures = {}
    for part in parts:
        figures[part] = PARTS[part](beds)
        printed(part, figures[part])
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

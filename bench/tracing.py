"""Tracing as an exam: the entry, the path, the hosts, the techniques and the sentences, on recorded attacks and on the range.

Everything is scored from outside, from the case folder of `watchkeeper investigate` with SigmaHQ's rules and ours (the range: ours alone).

    make bench-tracing                            every part; the range with four seeds
    python bench/tracing.py --only range --seeds 20
    python bench/tracing.py --only otrf,techniques --set LSASS_campaign_01

Parts: `otrf` steps, entry and hosts of the sets that `bench/truth/` tells · `techniques` the labelled ones · `small` Log4Shell and Golden
SAML · `claims` every sentence checked again · `range` · `million` seconds among a million events.

A set is held out or not by the hash of its name (`held_out`); figures are printed for both halves. Thresholds of the product may be chosen
on the other half alone. The traces of the sets marked `*` were looked at while tracing was built, whichever half they are in.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import tracing_claims
import tracing_million
import tracing_otrf
import tracing_range
import tracing_small
import tracing_techniques
from range import FIRST_SEED, SCENARIOS
from tracing_case import SIGMA, Case, investigated
from truth import DATA, Truth, truths

PARTS = ("otrf", "techniques", "small", "claims", "range", "million")
OTRF = DATA / "otrf"
LOOKED_AT = frozenset({f"LSASS_campaign_0{number}" for number in (1, 2, 3, 4)} | {"Log4Shell", "GoldenSAMLADFSMailAccess"})


class Scored(Protocol):
    """What any part says of one set."""

    name: str
    held_out: bool


One = TypeVar("One", bound=Scored)


def held_out(name: str) -> bool:
    """Say whether a set is in the half on which nothing may be chosen."""
    return hashlib.sha256(name.encode()).digest()[0] % 2 == 1


def halves(found: Sequence[One], figures: Callable[[list[One]], dict[str, Any]]) -> dict[str, Any]:
    """Give the figures over all sets, over those held out, and over the others."""
    return {
        "all": figures(list(found)),
        "held out": figures([one for one in found if one.held_out]),
        "the others": figures([one for one in found if not one.held_out]),
    }


class Recorded:
    """The exam over recorded attacks: each is investigated once, and every part that was asked scores it."""

    def __init__(self, parts: Iterable[str]) -> None:
        """Take the parts that are asked."""
        self._parts = frozenset(parts)
        self.traced: list[tracing_otrf.Traced] = []
        self.named: list[tracing_techniques.Named] = []
        self.counted: list[tracing_small.Counted] = []
        self.claims = 0
        self.refused = Counter[str]()

    def score(self, evidence: Path, truth: Truth | None, labels: tuple[str, ...], case: Case) -> list[str]:
        """Score one set, and give what a person reads of it."""
        name, lines = evidence.stem, list[str]()
        out = held_out(name)
        if truth and truth.logged and "otrf" in self._parts:
            self.traced.append(tracing_otrf.traced(truth, case, held_out=out))
            lines.append(self.traced[-1].line)
        if labels and "techniques" in self._parts:
            self.named.append(tracing_techniques.named(evidence, labels, case, held_out=out))
            lines.append(self.named[-1].line)
        if truth and truth.incidents and "small" in self._parts:
            self.counted.append(tracing_small.counted(truth, case))
            lines.append(self.counted[-1].line)
        if "claims" in self._parts:
            claims, refused = tracing_claims.checked(case)
            self.claims, self.refused = self.claims + claims, self.refused + refused
            lines.append(f"{claims} claims, refused {dict(refused)}")
        return lines

    def summary(self) -> dict[str, Any]:
        """Give every figure of the parts that were asked."""
        found: dict[str, Any] = {}
        if self.traced:
            found["otrf"] = halves(self.traced, tracing_otrf.figures)
        if self.named:
            found["techniques"] = halves(self.named, tracing_techniques.figures)
        if self.counted:
            found["small"] = {one.name: {"right": one.right, "across": one.across} for one in self.counted}
        if "claims" in self._parts:
            found["claims"] = {"sentences": self.claims, "refused": dict(self.refused)}
        return found

    def plain(self) -> dict[str, Any]:
        """Give every set's figures for machines."""
        return {
            "otrf": [tracing_otrf.plain(one) for one in self.traced],
            "techniques": [tracing_techniques.plain(one) for one in self.named],
            "small": [tracing_small.plain(one) for one in self.counted],
        }


def wanted(parts: Iterable[str], only: Sequence[str]) -> dict[Path, tuple[Truth | None, tuple[str, ...]]]:
    """Give every recording that the parts ask for, with what is told of it and its labels."""
    asked = set(parts)
    told = {OTRF / truth.set: truth for truth in truths()}
    labelled = dict(tracing_techniques.labelled(OTRF))
    chosen = {
        path: (told.get(path), labelled.get(path, ()))
        for path in sorted({*told, *labelled})
        if not only or path.stem in only
    }  # fmt: skip
    return {
        path: (truth, labels)
        for path, (truth, labels) in chosen.items()
        if ("claims" in asked)
        or ("otrf" in asked and truth and truth.logged)
        or ("techniques" in asked and labels)
        or ("small" in asked and truth and truth.incidents)
    }


def recorded(parts: Sequence[str], only: Sequence[str]) -> Recorded:
    """Investigate and score every recording that the parts ask for."""
    exam = Recorded(parts)
    for evidence, (truth, labels) in wanted(parts, only).items():
        with tempfile.TemporaryDirectory() as place:
            case = investigated(evidence, Path(place), "--rules", str(SIGMA))
            mark = "*" if evidence.stem in LOOKED_AT else " "
            half = "held out" if held_out(evidence.stem) else "other"
            for line in exam.score(evidence, truth, labels, case):
                print(f"{mark}{evidence.stem} ({half}): {line}", flush=True)
    return exam


def ranged(seeds: int, scenarios: Sequence[str]) -> list[tracing_range.Played]:
    """Play and score the range."""
    found: list[tracing_range.Played] = []
    for scenario in scenarios:
        for seed in range(FIRST_SEED, FIRST_SEED + seeds):
            found.append(tracing_range.played(scenario, seed))
            print(found[-1].line, flush=True)
    return found


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default=",".join(PARTS), help="parts, with commas between")
    options.add_argument("--set", action="append", default=[], help="only recordings of this name; several times")
    options.add_argument("--seeds", type=int, default=4)
    options.add_argument("--events", type=int, default=tracing_million.EVENTS, help="at least so many in the part `million`")
    options.add_argument("--scenario", action="append", choices=SCENARIOS)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    parts = [part for part in asked.only.split(",") if part]
    if unknown := set(parts) - set(PARTS):
        options.error(f"no such part: {sorted(unknown)!r}; there are {', '.join(PARTS)}")
    exam = recorded([part for part in parts if part not in {"range", "million"}], asked.set)
    summary, every = exam.summary(), exam.plain()
    if "range" in parts:
        runs = ranged(asked.seeds, asked.scenario or SCENARIOS)
        by_scenario = {name: tracing_range.figures([run for run in runs if run.scenario == name]) for name in asked.scenario or SCENARIOS}
        summary["range"] = {"all": tracing_range.figures(runs), **by_scenario}
        every["range"] = [tracing_range.plain(run) for run in runs]
    if "million" in parts:
        summary["million"] = tracing_million.timed(OTRF / "compound", asked.events, "--rules", str(SIGMA))
    for part, figures in summary.items():
        for name, value in figures.items():
            print(f"{part}: {name}: {json.dumps(value)}")
    if asked.json:
        asked.json.write_text(json.dumps({"summary": summary, "every": every}, indent=1), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

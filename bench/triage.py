"""How right the probabilities of triage are, and what it may close. Labels are read here and nowhere else.

ait-ads, one testbed left out at a time: an analyst judged every session of the other three, one testbed after another; of the fourth
nothing is told. An attack is a session with an alert that is labelled with a step of the attack; `phase` also counts what merely happened
during a phase. The penalty on the intercept and the smallest on the weights were settled with these figures at hand; they moved the third
decimal.
"""

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from noise_alerts import NO_STEP, Bed, correlated, read_testbeds

from watchkeeper.correlation import Tuning
from watchkeeper.model.asset import Asset
from watchkeeper.model.note import Note
from watchkeeper.model.subject import Precedent, Subject
from watchkeeper.triage import learn, of_session, subject_of
from watchkeeper.triage.calibration import best_penalty, foretold, samples
from watchkeeper.triage.closing import prove
from watchkeeper.triage.features import TRAITS
from watchkeeper.triage.fitting import Floats, Model, Samples, fit, probabilities
from watchkeeper.triage.history import History, labelled

Labelled = list[tuple[Subject, dict[str, bool]]]
"""Subjects, and for each of `TRUTHS` whether they are an attack."""
APART = timedelta(days=30)
START = datetime(2000, 1, 1, tzinfo=UTC)
FEW = (0, 30, 100, 300)
BOUNDS = (0.005, 0.01, 0.02, 0.05)
BINS = 10
TRUTHS = ("step", "phase")
WORLDS = 300


def subjects_of(bed: Bed) -> Labelled:
    """Give every session as triage sees it, with what it was."""
    got = correlated(bed.signals, Tuning())
    attacks = {"step": bed.labels.steps != NO_STEP, "phase": bed.labels.attack}
    rows, sessions = (np.array(got.signals.column(name).to_pylist()) for name in ("row", "session"))
    found = {truth: set(sessions[alerts[rows]].tolist()) for truth, alerts in attacks.items()}
    folds = {fold.id: fold for fold in got.folds}
    seen = (of_session(session, [folds[fold] for fold in session.folds]) for session in got.sessions)
    subjects = (subject_of(one, lambda host: Asset(name=host)) for one in seen)
    return [(subject, {truth: subject.id in found[truth] for truth in TRUTHS}) for subject in subjects]


def words(beds: Mapping[str, Labelled], names: Sequence[str], truth: str) -> list[Precedent]:
    """Say of every session what it was, one testbed after another."""
    said: list[Precedent] = []
    for at, name in enumerate(names):
        first = min(subject.start for subject, _ in beds[name] if subject.start)
        for subject, is_attack in beds[name]:
            start = START + at * APART + ((subject.start or first) - first)
            moved = subject.model_copy(update={"id": f"{name} {subject.id}", "start": start})
            said.append(Precedent(subject=moved, verdict="succeeded" if is_attack[truth] else "benign", said=start + APART))
    return said


def left_out(history: Sequence[Precedent], asked: Sequence[Precedent]) -> dict[str, Any]:
    began = time.perf_counter()
    experience = learn(history)
    seconds = time.perf_counter() - began
    known = labelled(history)
    of = samples(known, [experience.past(one.subject) for one in known])
    test = samples(asked, [experience.past(one.subject) for one in asked])
    odds = {"calibrated": experience.model.log_odds(test.priors, test.traits), **others(of, test, experience.model)}
    for few in FEW:
        some = learn(known[:: max(1, len(known) // few)][:few] if few else ())
        odds[f"calibrated on {few}"] = np.array([some.log_odds(one.subject) for one in asked])
    return {
        "labels": len(known), "label_attacks": int(of.attacks.sum()), "sessions": len(test), "attacks": int(test.attacks.sum()),
        "learning_seconds": round(seconds, 2),
        "brier": {name: brier(probabilities(one), test.attacks) for name, one in odds.items()},
        "log_loss": {name: round(float((np.logaddexp(0, one) - test.attacks * one).mean()), 4) for name, one in odds.items()},
        "ranked": {name: ranked(one, test.attacks) for name, one in odds.items()},
        "closing": {f"{bound:g}": closed(known, experience.history, asked, bound) for bound in BOUNDS},
        "pairs": list(zip(probabilities(odds["calibrated"]).tolist(), test.attacks.tolist(), strict=True)),
    }  # fmt: skip


def others(of: Samples, test: Samples, model: Model) -> dict[str, Floats]:
    """Give the log-odds of what is simpler, and of what could come on top."""
    often = of.attacks.mean()
    told, rows = foretold(of, best_penalty(of))
    curve = Samples(told, np.zeros((len(told), 1)), of.attacks[rows], of.weights[rows])
    odds = model.log_odds(test.priors, test.traits)
    steps = isotonic(told, of.attacks[rows])
    return {
        "label-free": test.priors,
        "always the share of attacks": np.full(len(test), np.log(often / (1 - often))),
        "score only": alone(of, test, 0),
        "severity only": alone(of, test, 1),
        "calibrated, then Platt": fit(curve, 0.0001).log_odds(odds, np.zeros((len(odds), 1))),
        "calibrated, then isotonic": steps(odds),
    }


def alone(of: Samples, test: Samples, column: int) -> Floats:
    """Fit a logistic regression on one trait, without the label-free odds."""
    only = Samples(np.zeros(len(of)), of.traits[:, [column]], of.attacks, of.weights)
    return fit(only, 0.0001).log_odds(np.zeros(len(test)), test.traits[:, [column]])


def isotonic(odds: Floats, attacks: Floats) -> Callable[[Floats], Floats]:
    """Give the rising steps that fit best, by pooling adjacent violators, as log-odds; Laplace's rule keeps them from certainty."""
    blocks: list[list[float]] = []
    for at in np.argsort(odds, kind="stable"):
        blocks.append([float(odds[at]), float(attacks[at]), 1.0])
        while len(blocks) > 1 and blocks[-2][1] / blocks[-2][2] >= blocks[-1][1] / blocks[-1][2]:
            last = blocks.pop()
            blocks[-1] = [last[0], blocks[-1][1] + last[1], blocks[-1][2] + last[2]]
    shares = np.array([(block[1] + 0.5) / (block[2] + 1) for block in blocks])
    edges = np.array([block[0] for block in blocks])
    return lambda asked: np.log(shares / (1 - shares))[np.clip(np.searchsorted(edges, asked), 0, len(edges) - 1)]


def brier(chances: Floats, attacks: Floats) -> float:
    return round(float(((chances - attacks) ** 2).mean()), 4)


def ranked(odds: Floats, attacks: Floats) -> float:
    """Give how often an attack stands above something harmless."""
    above = odds[attacks == 1][:, None] - odds[attacks == 0]
    return round(float((above > 0).mean() + (above == 0).mean() / 2), 3)


def closed(known: Sequence[Precedent], history: History, asked: Sequence[Precedent], bound: float) -> dict[str, Any]:
    found = prove(known, [history.past(one.subject) for one in known], bound)
    if isinstance(found, Note):
        return {"why_not": found.code.rpartition(".")[2]}
    put_away = [one for one in asked if found.kept_open(one.subject, history.past(one.subject)) is None]
    missed = sum(one.verdict == "succeeded" for one in put_away)
    return {
        "proof": {"closed": found.closed, "misses": found.misses, "bound": round(found.bound, 5)},
        "closed": len(put_away), "share": round(len(put_away) / len(asked), 3), "missed": missed,
    }  # fmt: skip


def reliability(pairs: Sequence[tuple[float, float]]) -> list[dict[str, float]]:
    """Compare, in ten bins of probability, what was said with what came true."""
    rows: list[dict[str, float]] = []
    for low, high in pairwise(np.linspace(0, 1, BINS + 1)):
        inside = [(said, was) for said, was in pairs if low <= said < high or (high == 1 and said == 1)]
        if inside:
            said, was = (float(np.mean(column)) for column in zip(*inside, strict=True))
            rows.append({"from": round(float(low), 1), "sessions": len(inside), "said": round(said, 3), "was": round(was, 3)})
    return rows


def exam(beds: Mapping[str, Labelled], truth: str) -> dict[str, Any]:
    results: dict[str, Any] = {}
    pairs: list[tuple[float, float]] = []
    for name in beds:
        order = [*(other for other in beds if other != name), name]
        said = words(beds, order, truth)
        history = [one for one in said if not one.subject.id.startswith(f"{name} ")]
        results[name] = left_out(history, said[len(history) :])
        pairs += results[name].pop("pairs")
    sessions = sum(one["sessions"] for one in results.values())
    together = {
        figure: {key: round(sum(one[figure][key] * one["sessions"] for one in results.values()) / sessions, 4) for key in first[figure]}
        for first in [next(iter(results.values()))]
        for figure in ("brier", "log_loss")
    }
    return {"testbeds": results, "together": {"sessions": sessions, **together}, "reliability": reliability(pairs)}


def world(seed: int, hidden: float, count: int = 1150) -> list[Precedent]:
    """Make a history in which one in twelve is an attack that tells, and a share of the others an attack that nothing tells apart."""
    chance = np.random.default_rng(seed)
    loud, quiet, noise = chance.random(count) < 1 / 12, chance.random(count) < hidden, chance.uniform(0, 0.4, count)
    said: list[Precedent] = []
    for at in range(count):
        rule, start = "loud" if loud[at] else "quiet", START + at * timedelta(hours=1)
        traits = {trait.name: 0.0 for trait in TRAITS} | {"severity": float(noise[at] + 1.5 * loud[at])}
        subject = Subject(
            id=str(at), about="session", start=start, rules=(rule,), severe=(), trails=(rule,), prior=-1.0, traits=traits
        )  # fmt: skip
        said.append(Precedent(subject=subject, verdict="succeeded" if loud[at] or quiet[at] else "benign", said=start))
    return said


def simulated(count: int) -> dict[str, Any]:
    """Count the histories in which closing is allowed: wrongly where as many as the bound are hidden, rightly where none is."""
    shares = {"hidden as many as the bound": BOUNDS[0], "none hidden": 0.0}
    return {
        name: {"histories": count, "closing": sum(not isinstance(learn(world(seed, share)).closing, Note) for seed in range(count))}
        for name, share in shares.items()
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    options = parser.parse_args()
    beds = {bed.name: subjects_of(bed) for bed in read_testbeds(None)}
    figures = {truth: exam(beds, truth) for truth in TRUTHS} | {"simulated": simulated(WORLDS)}
    print(json.dumps(figures, indent=1))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Calibration: from label-free odds to a probability that the analysts' own history bears out. Owns choosing how much to trust it."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from watchkeeper.model.subject import Precedent
from watchkeeper.model.verdict import ATTACK
from watchkeeper.triage.fitting import Floats, Model, Samples, fit, log_loss
from watchkeeper.triage.history import NAMES, Past, vector

PENALTIES = (100.0, 30.0, 10.0, 3.0, 1.0, 0.3)
"""From the most cautious to the boldest; of equals the more cautious is taken."""
BLOCKS = 5
"""The history is cut into so many parts by time; each is foretold from those before it."""
FEWEST_LABELS, FEWEST_ATTACKS = 50, 5
"""With fewer, or fewer of either kind, the most cautious penalty is taken unseen."""

LABEL_FREE = Model(1.0, 0.0, (0.0,) * len(NAMES))
"""What is thought without any history."""


def samples(precedents: Sequence[Precedent], pasts: Sequence[Past]) -> Samples:
    """Write precedents as numbers; what was drawn by chance stands for all that it was drawn from."""
    subjects = [one.subject for one in precedents]
    traits = [vector(subject, past) for subject, past in zip(subjects, pasts, strict=True)]
    return Samples(
        priors=np.array([subject.prior for subject in subjects], float),
        traits=np.array(traits, float).reshape(len(subjects), len(NAMES)),
        attacks=np.array([one.verdict in ATTACK for one in precedents], float),
        weights=np.array([1 / subject.chance for subject in subjects], float),
    )


def calibrate(of: Samples) -> Model:
    """Fit a model with the penalty that foretells best; samples come in the order of time."""
    return fit(of, best_penalty(of))


def best_penalty(of: Samples) -> float:
    """Choose the penalty by foretelling each part of the history from those before it."""
    attacks = int(of.attacks.sum())
    if len(of) < FEWEST_LABELS or min(attacks, len(of) - attacks) < FEWEST_ATTACKS:
        return PENALTIES[0]
    return min(PENALTIES, key=lambda penalty: (round(_loss(of, penalty), 9), -penalty))


def foretold(of: Samples, penalty: float) -> tuple[Floats, slice]:
    """Give the log-odds of every part but the first, each by a model of the parts before it, and which rows they are."""
    parts = [fit(of.at(before), penalty).log_odds(of.priors[part], of.traits[part]) for before, part in _parts(len(of))]
    return np.concatenate(parts), slice(len(of) // BLOCKS, len(of))


def _loss(of: Samples, penalty: float) -> float:
    log_odds, rows = foretold(of, penalty)
    return log_loss(log_odds, of.at(rows))


def _parts(count: int) -> Iterator[tuple[slice, slice]]:
    edges = [count * part // BLOCKS for part in range(BLOCKS + 1)]
    for start, end in pairwise(edges[1:]):
        yield slice(0, start), slice(start, end)

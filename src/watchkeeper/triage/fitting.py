"""Fitting a model to labels. Owns the arithmetic: penalised logistic regression around the label-free odds, weights never negative."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

INTERCEPT_PENALTY = 1.0
"""On the intercept, whatever the other penalty: how rare attacks are here is learnt first; it may well be off by a nat."""
_MOST_STEPS = 100
_CLOSE = 1e-7
_SHORTEST = 1e-9


@dataclass(frozen=True, slots=True)
class Samples:
    """Labelled subjects as numbers, row for row."""

    priors: Floats
    """Label-free log-odds."""
    traits: Floats
    """One column a trait."""
    attacks: Floats
    """1 for an attack, 0 for none."""
    weights: Floats
    """How many subjects each stands for."""

    def at(self, rows: slice) -> "Samples":
        """Give some of the rows."""
        return Samples(self.priors[rows], self.traits[rows], self.attacks[rows], self.weights[rows])

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.priors)


@dataclass(frozen=True, slots=True)
class Model:
    """Log-odds of an attack as a sum: it grows with the label-free odds and with every trait."""

    slope: float
    """What the label-free log-odds are multiplied by; never negative."""
    intercept: float
    weights: tuple[float, ...]
    """One a trait; never negative."""

    def log_odds(self, priors: Floats, traits: Floats) -> Floats:
        """Give the log-odds of each row."""
        return self.slope * priors + self.intercept + traits @ np.array(self.weights)


def fit(samples: Samples, penalty: float) -> Model:
    """Find the model that fits best and strays least from the label-free odds.

    It minimises the weighted log loss plus half of `penalty` times the squared distance from slope 1 and weights 0 (`INTERCEPT_PENALTY` for
    the intercept), over slopes and weights not below 0. That is strictly convex, so there is one answer, which does not depend on the way
    to it; without samples it is the label-free odds themselves.

    Source: Bertsekas, "Projected Newton methods for optimization problems with simple constraints", 1982.
    """
    columns = np.column_stack([samples.priors, np.ones(len(samples)), samples.traits])
    start = np.zeros(columns.shape[1])
    start[0] = 1.0
    penalties = np.full(len(start), penalty)
    penalties[1] = INTERCEPT_PENALTY
    task = _Task(columns, samples.attacks, samples.weights, start, penalties)
    found = _minimum(task)
    return Model(float(found[0]), float(found[1]), tuple(float(weight) for weight in found[2:]))


def log_loss(log_odds: Floats, samples: Samples) -> float:
    """Give the mean negative log of the probability that was given to what was true, in nats."""
    losses = np.logaddexp(0.0, log_odds) - samples.attacks * log_odds
    return float(np.average(losses, weights=samples.weights))


@dataclass(frozen=True, slots=True)
class _Task:
    columns: Floats
    attacks: Floats
    weights: Floats
    centre: Floats
    penalties: Floats

    def value(self, at: Floats) -> float:
        log_odds = self.columns @ at
        losses = self.weights @ (np.logaddexp(0.0, log_odds) - self.attacks * log_odds)
        return float(losses + 0.5 * self.penalties @ (at - self.centre) ** 2)

    def slopes(self, at: Floats) -> tuple[Floats, Floats]:
        """Give the gradient and the matrix of second derivatives."""
        chances = probabilities(self.columns @ at)
        gradient = self.columns.T @ (self.weights * (chances - self.attacks)) + self.penalties * (at - self.centre)
        spread = self.weights * chances * (1 - chances)
        return gradient, (self.columns * spread[:, None]).T @ self.columns + np.diag(self.penalties)


def probabilities(log_odds: Floats) -> Floats:
    """Give probabilities from log-odds, without overflow."""
    return np.exp(-np.logaddexp(0.0, -log_odds))


def _minimum(task: _Task) -> Floats:
    lowest = np.zeros(len(task.centre))
    lowest[1] = -np.inf
    at, value = task.centre.copy(), task.value(task.centre)
    for _ in range(_MOST_STEPS):
        gradient, second = task.slopes(at)
        free = (at > lowest) | (gradient < 0)
        if not free.any() or np.abs(gradient[free]).max() < _CLOSE:
            break
        move = np.zeros(len(at))
        move[free] = -np.linalg.solve(second[np.ix_(free, free)], gradient[free])
        step = 1.0
        while (new_value := task.value(new := np.maximum(lowest, at + step * move))) > value and step > _SHORTEST:
            step /= 2
        if new_value >= value:
            break
        at, value = new, new_value
    return at

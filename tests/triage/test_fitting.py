"""The fit: the label-free odds without labels, one answer however it is reached, weights that never turn against suspicion."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.triage.fitting import Samples, fit, log_loss, probabilities


def _samples(seed: int, count: int, *, effect: float = 1.0) -> Samples:
    chance = np.random.default_rng(seed)
    traits = chance.exponential(1.0, (count, 4))
    priors = chance.normal(-1, 1, count)
    odds = 0.5 * priors - 2 + effect * traits[:, 0] - effect * traits[:, 1]
    return Samples(priors, traits, (chance.random(count) < probabilities(odds)).astype(float), np.ones(count))


def test_without_labels_it_is_the_label_free_odds() -> None:
    model = fit(_samples(1, 0), 1.0)
    assert (model.slope, model.intercept, model.weights) == (1.0, 0.0, (0.0,) * 4)


@given(st.integers(0, 10_000), st.integers(1, 60), st.sampled_from([0.1, 1.0, 30.0]))
@settings(max_examples=40, deadline=None)
def test_no_small_step_improves_it(seed: int, count: int, penalty: float) -> None:
    of = _samples(seed, count)
    model = fit(of, penalty)
    at = np.array([model.slope, model.intercept, *model.weights])

    def value(where: np.ndarray) -> float:
        odds = where[0] * of.priors + where[1] + of.traits @ where[2:]
        strayed = (where[0] - 1) ** 2 + (where[2:] ** 2).sum()
        return log_loss(odds, of) * count + 0.5 * penalty * strayed + 0.5 * where[1] ** 2

    assert min(at[0], *at[2:]) >= 0.0
    for place in range(len(at)):
        for step in (1e-3, -1e-3):
            moved = at.copy()
            moved[place] += step
            if place == 1 or moved[place] >= 0:
                assert value(moved) >= value(at) - 1e-9


@given(st.integers(0, 10_000), st.integers(1, 200), st.lists(st.floats(0, 5), min_size=4, max_size=4), st.floats(0, 3))
@settings(max_examples=40, deadline=None)
def test_more_of_anything_suspicious_is_never_less_likely(seed: int, count: int, more: list[float], likelier: float) -> None:
    of = _samples(seed, count)
    model = fit(of, 1.0)
    assert (model.log_odds(of.priors + likelier, of.traits + np.array(more)) >= model.log_odds(of.priors, of.traits) - 1e-12).all()


def test_a_label_that_stands_for_three_counts_like_three() -> None:
    of = _samples(3, 90)
    weights = np.ones(90)
    weights[:30] = 3.0
    rows = [*range(30), *range(30), *range(90)]
    thrice = Samples(of.priors[rows], of.traits[rows], of.attacks[rows], np.ones(len(rows)))
    one, other = fit(Samples(of.priors, of.traits, of.attacks, weights), 1.0), fit(thrice, 1.0)
    assert (one.slope, one.intercept, *one.weights) == pytest.approx((other.slope, other.intercept, *other.weights), abs=1e-6)


def test_it_finds_what_made_the_labels_and_leaves_what_would_lower_suspicion() -> None:
    model = fit(_samples(7, 20_000), 1.0)
    assert model.slope == pytest.approx(0.5, abs=0.1)
    assert model.weights[0] == pytest.approx(1.0, abs=0.2)
    assert model.weights[1] == 0.0
    assert max(model.weights[2:]) < 0.1


def test_odds_beyond_all_measure_overflow_nothing() -> None:
    assert probabilities(np.array([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.5, 1.0]
    of = _samples(1, 30)
    huge = Samples(of.priors * 1e6, of.traits * 1e6, of.attacks, of.weights)
    assert np.isfinite(fit(huge, 1.0).log_odds(huge.priors, huge.traits)).all()

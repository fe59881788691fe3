"""Calibration: few labels leave the label-free odds nearly alone, many make probabilities that come true."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.model.subject import Precedent
from watchkeeper.triage.calibration import FEWEST_LABELS, PENALTIES, best_penalty, calibrate, foretold, samples
from watchkeeper.triage.fitting import Floats, Samples, probabilities
from watchkeeper.triage.history import History, labelled


def _samples(words: list[Precedent]) -> Samples:
    known = labelled(words)
    history = History(known)
    return samples(known, [history.past(one.subject) for one in known])


def _brier(log_odds: Floats, attacks: Floats) -> float:
    return float(((probabilities(log_odds) - attacks) ** 2).mean())


def _world(subject: Any, judged: Any, seed: int, count: int) -> list[Precedent]:
    """About one in ten is an attack, the likelier the more severe; the label-free odds say one in two of everything."""
    chance = np.random.default_rng(seed)
    severities = chance.uniform(0, 2, count)
    attacks = chance.random(count) < probabilities(5 * severities - 8.5)
    return [
        judged(subject(str(at), at, (f"r{at % 9}",), severity=float(severities[at])), "succeeded" if attacks[at] else "benign")
        for at in range(count)
    ]


def test_a_few_labels_move_it_a_little_and_none_not_at_all(subject: Any, judged: Any) -> None:
    def probability(labels: int) -> float:
        asked = _samples([judged(subject("x", 9e3))])
        model = calibrate(_samples([judged(subject(str(at), at)) for at in range(labels)]))
        return float(probabilities(model.log_odds(asked.priors, asked.traits))[0])

    steps = [probability(labels) for labels in (0, 2, 8, 40, 400)]
    assert steps[0] == pytest.approx(0.5)
    assert all(later < earlier for earlier, later in pairwise(steps))
    assert steps[1] > 0.3
    assert steps[-1] < 0.05


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_probabilities_come_true_on_later_labels(subject: Any, judged: Any, seed: int) -> None:
    of = _samples(_world(subject, judged, seed, 2000))
    older, newer = of.at(slice(0, 1000)), of.at(slice(1000, 2000))
    odds = calibrate(older).log_odds(newer.priors, newer.traits)
    often = np.full(1000, np.log(older.attacks.mean() / (1 - older.attacks.mean())))
    assert _brier(odds, newer.attacks) < 0.8 * _brier(often, newer.attacks) < _brier(newer.priors, newer.attacks)
    for low, high in ((0.0, 0.1), (0.1, 1.0)):
        inside = (probabilities(odds) >= low) & (probabilities(odds) < high)
        spread = 3 * (newer.attacks[inside].mean() * (1 - newer.attacks[inside].mean()) / inside.sum()) ** 0.5
        assert probabilities(odds)[inside].mean() == pytest.approx(newer.attacks[inside].mean(), abs=spread + 0.02)


def test_few_labels_or_one_kind_alone_take_the_most_cautious_penalty(subject: Any, judged: Any) -> None:
    assert best_penalty(_samples(_world(subject, judged, 1, FEWEST_LABELS - 1))) == PENALTIES[0]
    assert best_penalty(_samples([judged(subject(str(at), at)) for at in range(200)])) == PENALTIES[0]
    assert best_penalty(_samples(_world(subject, judged, 1, 600))) < PENALTIES[0]


def test_no_part_is_foretold_from_itself_or_what_follows(subject: Any, judged: Any) -> None:
    of = _samples(_world(subject, judged, 4, 100))
    told, rows = foretold(of, 1.0)
    changed = Samples(of.priors, of.traits, of.attacks.copy(), of.weights)
    changed.attacks[60:] = 1 - changed.attacks[60:]
    assert rows == slice(20, 100)
    assert (foretold(changed, 1.0)[0][:60] == told[:60]).all(), "rows 20 to 79 rest on rows before 60 at most"
    assert (foretold(changed, 1.0)[0][60:] != told[60:]).any()


@given(st.integers(0, 1000), st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_the_same_history_in_any_order_gives_the_same_model(subject: Any, judged: Any, seed: int, shuffled: Any) -> None:
    words = _world(subject, judged, seed, 120)
    other = words.copy()
    shuffled.shuffle(other)
    assert calibrate(_samples(words)) == calibrate(_samples(other))

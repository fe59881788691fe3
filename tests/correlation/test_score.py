"""Scores: each further rule counts less, order and assets add, and every part is said."""

from itertools import pairwise
from types import SimpleNamespace

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Knowledge, correlate
from watchkeeper.model.asset import Asset

TACTICS = ["initial-access", "execution", "credential-access"]


def score(story: SimpleNamespace, rows: list[dict[str, object]], criticality: int = 2) -> float:
    asset = Asset(name="ws1", criticality=criticality)
    (session,) = correlate(story.table(rows), Baseline.empty(), Knowledge(lambda _: asset)).sessions
    return session.score


def test_each_further_rule_counts_less(story: SimpleNamespace) -> None:
    scores = [score(story, [story.signal(f"r{n}", n / 10) for n in range(rules)]) for rules in (1, 2, 3, 4)]
    gains = [after - before for before, after in pairwise(scores)]
    assert gains == sorted(gains, reverse=True)
    assert all(gain > 0 for gain in gains)


def test_repetition_adds_nothing(story: SimpleNamespace) -> None:
    assert score(story, [story.signal("a", n / 1000) for n in range(50)]) == score(story, [story.signal("a", 0)])


def test_severity_and_the_asset_weigh(story: SimpleNamespace) -> None:
    low, high = ([story.signal("a", 0, level=level)] for level in ("low", "high"))
    assert score(story, low) < score(story, high) < score(story, high, criticality=5)


def test_tactics_in_the_usual_order_weigh_more_than_the_reverse(story: SimpleNamespace) -> None:
    def told(tactics: list[str]) -> float:
        return score(story, [story.signal(name, at / 10, tactics=[name]) for at, name in enumerate(tactics)])

    assert told(TACTICS) > told(TACTICS[::-1])


def test_every_part_is_said(story: SimpleNamespace) -> None:
    rows = [story.signal(name, at / 10, tactics=[name]) for at, name in enumerate(TACTICS)]
    (session,) = correlate(story.table(rows), Baseline.empty(), Knowledge(lambda _: Asset(name="ws1", criticality=4))).sessions
    assert [note.code for note in session.why] == ["score.rules", "score.best", "score.order", "score.asset"]

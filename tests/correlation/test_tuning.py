"""The thresholds of showing and seeding can be chosen, and the shipped ones are what is used where nobody chooses."""

from types import SimpleNamespace

import pyarrow as pa

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Correlated, Knowledge, Tuning, correlate
from watchkeeper.model.asset import Asset


def attacked(story: SimpleNamespace) -> pa.Table:
    burst = [story.signal(rule, 2000 + at, level="high") for at, rule in enumerate(("macro", "download", "dump"))]
    return story.table([*story.everyday(6, 60), *burst])


def correlated(table: pa.Table, tuning: Tuning) -> Correlated:
    return correlate(table, Baseline.empty(), Knowledge(lambda host: Asset(name=host), tuning=tuning))


def sessions_shown(got: Correlated) -> int:
    return sum(session.shown for session in got.sessions)


def test_the_defaults_are_what_ships(story: SimpleNamespace) -> None:
    table = attacked(story)
    got = correlate(table, Baseline.empty(), Knowledge(lambda host: Asset(name=host)))
    assert got.signals.equals(correlated(table, Tuning()).signals)
    assert got.incidents


def test_a_session_starts_an_incident_only_from_the_score_asked(story: SimpleNamespace) -> None:
    assert correlated(attacked(story), Tuning(seed_score=100)).incidents == ()
    assert correlated(attacked(story), Tuning(seed_share=1.01)).incidents == ()


def test_the_lower_the_score_asked_the_more_is_shown(story: SimpleNamespace) -> None:
    table = attacked(story)
    few, every = (sessions_shown(correlated(table, Tuning(past_score=asked, record_score=asked))) for asked in (50, 0))
    assert 0 < few < every == len(correlated(table, Tuning()).sessions)

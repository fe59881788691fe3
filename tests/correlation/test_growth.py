"""An incident takes in the folds whose events belong to it, and nothing is lost on the way."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Correlated, Knowledge, absorb, correlate
from watchkeeper.model.asset import Asset
from watchkeeper.model.signal import SIGNAL_SCHEMA

NOW = datetime(2025, 6, 2, 9, tzinfo=UTC)


def _signal(number: int, rule: str, host: str, level: str, minute: int) -> dict[str, object]:
    return {
        "id": f"s{number}", "event_id": f"e{number}", "time": NOW + timedelta(minutes=minute), "host": host, "user": "",
        "source": "f", "row": number, "rule": rule, "title": rule, "level": level, "detector": "sigma",
        "techniques": [f"T{1000 + number}"], "tactics": ["execution"],
        "entities": [], "matches": [], "synthetic": False,
    }  # fmt: skip


def _correlated() -> Correlated:
    loud = [_signal(n, f"loud {n}", "a", "critical", n) for n in range(6)]
    quiet = [_signal(10 + n, "quiet", "b", "low", 200 + n) for n in range(3)]
    other = [_signal(20, "other", "c", "low", 400)]
    return correlate(
        pa.Table.from_pylist([*loud, *quiet, *other], schema=SIGNAL_SCHEMA), Baseline.empty(), Knowledge(lambda name: Asset(name=name))
    )


def test_a_fold_that_lies_on_the_events_joins_with_its_session() -> None:
    before = _correlated()
    first = before.incidents[0]
    after, place = absorb(before, 0, {"e10", "e11"})
    assert place == 0
    grown = after.incidents[0]
    assert {fold.title for fold in grown.folds} == {fold.title for fold in first.folds} | {"quiet"}
    assert "b" in grown.hosts
    assert grown.end == NOW + timedelta(minutes=202)
    assert grown.why[-1].code == "incident.grew"
    rows = {row["id"]: row for row in after.signals.to_pylist()}
    assert {rows[f"s{n}"]["rank"] for n in (0, 10, 12)} == {1}
    assert rows["s10"]["shown"]
    assert rows["s20"]["incident"] is None
    assert after.signals.schema.equals(before.signals.schema)
    assert after.signals.column("id").to_pylist() == before.signals.column("id").to_pylist()


def test_less_than_half_of_a_fold_moves_nothing() -> None:
    before = _correlated()
    assert absorb(before, 0, {"e10"})[0] is before
    assert absorb(before, 0, set())[0] is before


def test_an_incident_that_loses_every_fold_disappears_and_the_rest_is_ranked_anew() -> None:
    before = _correlated()
    second = before.incidents[0].model_copy(
        update={"id": "second", "rank": 2, "folds": tuple(fold for fold in before.folds if fold.title == "quiet"), "hosts": ("b",)}
    )
    third = before.incidents[0].model_copy(
        update={"id": "third", "rank": 3, "folds": tuple(fold for fold in before.folds if fold.title == "other"), "hosts": ("c",)}
    )
    both = Correlated(before.signals, before.folds, before.sessions, (before.incidents[0], second, third), before.baseline)
    after, _ = absorb(both, 0, {"e10", "e11", "e12"})
    assert [(incident.id, incident.rank) for incident in after.incidents] == [(before.incidents[0].id, 1), ("third", 2)]


def test_an_incident_whose_events_lead_into_one_before_it_joins_that_one() -> None:
    before = _correlated()
    second = before.incidents[0].model_copy(
        update={"id": "second", "rank": 2, "folds": tuple(fold for fold in before.folds if fold.title == "quiet"), "hosts": ("b",)}
    )
    both = Correlated(before.signals, before.folds, before.sessions, (before.incidents[0], second), before.baseline)
    after, place = absorb(both, 1, {"e0"})
    assert (place, len(after.incidents)) == (0, 1)
    assert "quiet" in {fold.title for fold in after.incidents[0].folds}

"""The picture over time has a lane for each tactic, and round marks."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest

from watchkeeper.model.incident import Case
from watchkeeper.reporting.timeline_svg import LEFT, WIDTH, marks, ticks, timeline_svg


def test_folds_are_bars_and_sentences_dots(case: Case) -> None:
    incident = case.incidents[0]
    drawn = marks(incident, "en")
    assert sum(mark.dot for mark in drawn) == len(incident.trace.story if incident.trace else ())
    assert "stealth" in {mark.lane for mark in drawn}
    root = ET.fromstring(str(timeline_svg(incident, "t", "zh")))  # noqa: S314 - our own text
    for circle in root.iter("circle"):
        assert LEFT <= float(circle.get("cx") or 0) <= WIDTH


def test_an_incident_without_times_has_no_picture(case: Case) -> None:
    timeless = case.incidents[2].model_copy(
        update={"folds": tuple(fold.model_copy(update={"first": None, "last": None}) for fold in case.incidents[2].folds)}
    )
    assert timeline_svg(timeless, "t", "en") is None


@pytest.mark.parametrize("span", [timedelta(seconds=1), timedelta(minutes=96), timedelta(days=3), timedelta(days=900)])
def test_marks_are_round_and_within(span: timedelta) -> None:
    start = datetime(2026, 3, 4, 9, 41, 7, tzinfo=UTC)
    times = ticks(start, start + span)
    assert len(times) <= 10
    assert all(start <= time <= start + span for time in times)
    assert all(time.microsecond == 0 for time in times)

"""Incidents under way go on over days, end, and say what they continue or took in."""

from types import SimpleNamespace

import pytest

from watchkeeper.correlation import underway


def days_of_attack(story: SimpleNamespace, days: int) -> list[dict[str, object]]:
    """An intruder who comes back every two hours, always with something new."""
    return [
        story.signal(f"attack {at} {step}", 3000 + 120 * at + 5 * step, "ws2", level="high", user="bob", entities=["hash:abc"])
        for at in range(12 * days)
        for step in range(3)
    ]


def test_an_attack_of_days_is_one_incident(story: SimpleNamespace) -> None:
    got = story.run([*story.everyday(6, 24 * 9), *days_of_attack(story, 4)])
    assert [len(incident.folds) for incident in got.incidents] == [12 * 4 * 3]


def test_one_that_grew_to_its_limit_goes_on_in_another_that_says_so(story: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(underway, "MOST_PIECES", 20)
    got = story.run([*story.everyday(6, 24 * 9), *days_of_attack(story, 4)])
    continued = [note.arguments["incident"] for incident in got.incidents for note in incident.why if note.code == "incident.continues"]
    assert len(got.incidents) > 1
    assert set(continued) <= {incident.id for incident in got.incidents}
    assert len(continued) == len(got.incidents) - 1
    assert sum(len(incident.folds) for incident in got.incidents) == 12 * 4 * 3

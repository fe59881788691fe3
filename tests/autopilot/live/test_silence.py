"""Silence by its answers: who counts as silent, once, and when that is over."""

from datetime import UTC, datetime, timedelta

from watchkeeper.autopilot.live.silence import SILENT, Silence
from watchkeeper.model.sender import Sender
from watchkeeper.model.signal import SIGNAL_SCHEMA

NOW = datetime(2025, 3, 3, 8, tzinfo=UTC)


def sender(name: str, **more: object) -> Sender:
    return Sender.model_validate({"id": name * 32, "tenant": "default", "name": name, "silent_after_seconds": 600} | more)


def micros(minute: float) -> int:
    return int((NOW + timedelta(minutes=minute)).timestamp() * 1_000_000)


def test_it_is_said_once_and_again_after_the_sender_spoke() -> None:
    silence, every = Silence(), [sender("a"), sender("b")]
    silence.hear("a" * 32, micros(0))
    silence.hear("b" * 32, micros(9))
    looks = [silence.look(every, NOW + timedelta(minutes=minute)) for minute in (5, 10, 11)]
    assert [look.signals.column("source").to_pylist() for look in looks] == [[], ["a"], []]
    (signal,) = looks[1].signals.to_pylist()
    assert (signal["rule"], signal["detector"], signal["time"]) == (SILENT, "watchkeeper", NOW + timedelta(minutes=10))
    silence.hear("a" * 32, micros(12))
    assert silence.look(every, NOW + timedelta(minutes=12)).spoke == ("a" * 32,)
    again = Silence(silence.heard).look(every, NOW + timedelta(minutes=30)).signals
    assert again.schema == SIGNAL_SCHEMA
    assert sorted(again.column("source").to_pylist()) == ["a", "b"]
    assert signal["id"] not in again.column("id").to_pylist()


def test_who_was_never_heard_or_is_off_or_may_be_silent_is_not_waited_for() -> None:
    silence = Silence()
    every = [sender("a"), sender("b", on=False), sender("c", silent_after_seconds=0)]
    for name in "bc":
        silence.hear(name * 32, micros(0))
    assert silence.look(every, NOW + timedelta(days=9)).signals.num_rows == 0


def test_a_silence_ends_when_the_sender_is_switched_off_or_gone() -> None:
    silence = Silence()
    silence.hear("a" * 32, micros(0))
    silence.look([sender("a")], NOW + timedelta(hours=1))
    assert [note.arguments["sender"] for note in silence.notes([sender("a")])] == ["a"]
    assert silence.look([sender("a", on=False)], NOW + timedelta(hours=2)).spoke == ("a" * 32,)
    assert silence.notes([sender("a", on=False)]) == ()

"""What is shown without asking: incidents whole, what scores enough, and quiet things beside an incident."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any


def shown(story: SimpleNamespace, rows: list[dict[str, object]]) -> set[tuple[str, int]]:
    got = story.run([*story.everyday(6, 60), *rows])
    found = got.signals.filter(got.signals.column("shown")).select(["rule", "time"]).to_pylist()
    return {(row["rule"], int((row["time"] - story.start).total_seconds() // 60)) for row in found}


def test_every_signal_of_a_shown_incident_is_shown(story: SimpleNamespace) -> None:
    burst = [story.signal(rule, 2000 + at, level="high") for at, rule in enumerate(("macro", "download", "dump"))]
    assert {("macro", 2000), ("download", 2001), ("dump", 2002)} <= shown(story, burst)


def test_a_quiet_thing_is_shown_beside_an_incident_and_not_on_another_day(story: SimpleNamespace) -> None:
    burst = [story.signal(rule, 3000 + at, level="high") for at, rule in enumerate(("macro", "download", "dump"))]
    quiet = [story.signal("slow", 60 * hour + 30, "ws4", level="low") for hour in (26, 34, 42, 50)]
    seen = shown(story, [*burst, *quiet])
    assert ("slow", 3030) in seen
    assert ("slow", 60 * 42 + 30) not in seen


def test_everyday_is_not_shown(story: SimpleNamespace) -> None:
    assert not {minute for rule, minute in shown(story, []) if rule == "logon" and minute > 1600}


def test_what_happens_everywhere_at_once_is_shown_once_and_says_so(story: SimpleNamespace) -> None:
    restart = [story.signal("restart", 3000 + at, f"ws{at}", level="medium") for at in range(2)]
    got = story.run([*story.everyday(6, 60), *restart, story.signal("restart", 3100, "ws4", level="medium")])
    sessions = {session.id: session for session in got.sessions}
    told = {fold.host: sessions[fold.session] for fold in got.folds if fold.rule == "restart"}
    assert {host: session.shown for host, session in told.items()} == {"ws0": True, "ws1": False, "ws4": True}
    codes = {host: {note.code for note in session.why} for host, session in told.items()}
    assert "session.stands" in codes["ws0"]
    assert "session.echo" in codes["ws1"]


def test_nothing_stands_for_what_is_severe(story: SimpleNamespace) -> None:
    rows = [story.signal("dump", 3000 + at, f"ws{at}", level="high") for at in range(3)]
    assert {(rule, minute) for rule, minute in shown(story, rows) if rule == "dump"} == {("dump", 3000), ("dump", 3001), ("dump", 3002)}


def test_a_quiet_host_is_shown_for_less_than_a_busy_one(story: SimpleNamespace) -> None:
    quiet = [story.signal("backup", 600 * day, "vault", level="low") for day in range(6)]
    twice = [story.signal("odd", minute, host, level="low") for host in ("ws1", "vault") for minute in (1900, 3300)]
    seen = story.run([*story.everyday(6, 60), *quiet, *twice])
    shown_hosts = {session.host for session in seen.sessions if session.shown and any(odd(seen, session.id, 3300, story))}
    assert shown_hosts == {"vault"}


def odd(got: Any, session: str, minute: int, story: SimpleNamespace) -> list[bool]:
    return [fold.session == session for fold in got.folds if fold.rule == "odd" and fold.first == story.start + timedelta(minutes=minute)]

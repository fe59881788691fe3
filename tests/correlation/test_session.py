"""Sessions end at pauses and after two hours; signals without host or time have their own."""

from types import SimpleNamespace


def sessions(story: SimpleNamespace, rows: list[dict[str, object]]) -> list[tuple[str, int]]:
    got = story.run(rows)
    return [(session.host, sum(fold.count for fold in got.folds if fold.session == session.id)) for session in got.sessions]


def test_a_pause_of_more_than_an_hour_ends_a_session(story: SimpleNamespace) -> None:
    assert sessions(story, [story.signal("a", minute) for minute in (0, 60, 121)]) == [("ws1", 2), ("ws1", 1)]


def test_a_session_lasts_two_hours_at_most(story: SimpleNamespace) -> None:
    assert sessions(story, [story.signal("a", minute) for minute in (0, 50, 100, 120, 121)]) == [("ws1", 4), ("ws1", 1)]


def test_hosts_do_not_share_sessions(story: SimpleNamespace) -> None:
    assert sessions(story, [story.signal("a", 0, "ws1"), story.signal("a", 1, "ws2")]) == [("ws1", 1), ("ws2", 1)]


def test_signals_without_a_host_go_by_user_then_address_then_detector(story: SimpleNamespace) -> None:
    rows = [
        story.signal("a", 0, "", user="alice", entities=["address:192.0.2.7"]),
        story.signal("b", 1, "", entities=["domain:example.net", "address:192.0.2.7"]),
        story.signal("c", 2, "", entities=["address:192.0.2.7"]),
        story.signal("d", 3, ""),
    ]
    got = story.run(rows)
    assert [session.host for session in got.sessions] == ["", "", ""]
    said = [note.arguments for session in got.sessions for note in session.why if note.code == "session.unhosted"]
    assert said == [{"kind": "user", "value": "alice"}, {"kind": "address", "value": "192.0.2.7"}, {"kind": "detector", "value": "sigma"}]


def test_signals_without_a_time_stay_together_and_it_is_said(story: SimpleNamespace) -> None:
    got = story.run([story.signal("a", None), story.signal("b", None), story.signal("a", 0)])
    untimed = [session for session in got.sessions if session.start is None]
    assert [len(session.folds) for session in untimed] == [2]
    assert "session.untimed" in {note.code for note in untimed[0].why}

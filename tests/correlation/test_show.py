"""What is shown without asking: incidents whole, what scores enough, and quiet things beside an incident."""

from types import SimpleNamespace


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

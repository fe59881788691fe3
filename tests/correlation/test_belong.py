"""An incident holds the folds that belong; the rest of a busy host's session stays outside, with its session."""

from types import SimpleNamespace

BURST = ("macro", "download", "dump")


def held(story: SimpleNamespace, rows: list[dict[str, object]]) -> set[str]:
    strong = [story.signal(rule, 2000 + at, level="high", user="bob") for at, rule in enumerate(BURST)]
    (incident,) = story.run([*story.everyday(6, 60), *strong, *rows]).incidents
    return {fold.title for fold in incident.folds} - set(BURST)


def test_everyday_folds_of_the_session_stay_outside(story: SimpleNamespace) -> None:
    assert held(story, []) == set()


def test_a_quiet_rule_of_the_same_user_in_the_same_burst_goes_along(story: SimpleNamespace) -> None:
    often = [story.signal("whoami", 60 * hour + 20, f"ws{hour % 5 + 1}", level="low", user="eve") for hour in range(30) if hour % 5]
    assert held(story, [*often, story.signal("whoami", 2003, level="low", user="bob")]) == {"whoami"}


def test_what_the_host_always_does_does_not_go_along(story: SimpleNamespace) -> None:
    always = [story.signal("backup", 60 * hour + 20, level="medium", user="bob") for hour in range(60)]
    assert held(story, always) == set()


def test_something_unusual_of_another_hour_stays_outside_unless_it_is_strong(story: SimpleNamespace) -> None:
    strong = [story.signal(rule, 2000 + at, "srv", level="high", user="bob") for at, rule in enumerate(BURST)]
    rows = [story.signal("late odd", 2050, "srv", level="low", user="ann"), story.signal("late bad", 2090, "srv", level="high", user="eve")]
    (incident,) = story.run([*story.everyday(6, 60), story.signal("logon", 0, "srv"), *strong, *rows]).incidents
    assert {fold.title for fold in incident.folds} == {*BURST, "late bad"}


def test_what_stays_outside_is_counted(story: SimpleNamespace) -> None:
    strong = [story.signal(rule, 2000 + at, level="high") for at, rule in enumerate(BURST)]
    got = story.run([*story.everyday(6, 60), *strong])
    (incident,) = got.incidents
    inside = sum(len(session.folds) for session in got.sessions if session.incident == incident.id)
    left = [note.arguments["folds"] for note in incident.why if note.code == "incident.left"]
    assert left == [str(inside - len(incident.folds))]

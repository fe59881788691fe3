"""What becomes of incidents that were told of: one goes on in another, one no longer stands out; small moves are no change."""

from types import SimpleNamespace
from typing import Any


def by_host(stage: Any) -> dict[str, Any]:
    return {one.incident.hosts[0]: one for one in stage.incidents(merged=True) if "attack" in one.incident.title}


def test_one_that_another_takes_in_points_there(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        one = [live.signal(f"attack dump {at}", 3000 + at, "ws1", level="high", user="mallory") for at in range(3)]
        other = [live.signal(f"attack spread {at}", 3000 + at, "ws2", level="high", user="eve") for at in range(2)]
        for frame in stage.frames([*live.everyday(3, 48), *one, *other]):
            keeper.take(frame)
        stage.tick(keeper)
        assert len(stage.incidents()) == 2
        bridge = live.signal("attack bridge", 3010, "ws2", level="high", user="mallory")
        for frame in stage.frames([bridge], tenant="default"):
            keeper.take(type(frame)("1", frame.upto, "default", frame.signals))
        stage.tick(keeper)
        (stands,) = stage.incidents()
        (gone,) = (kept for kept in stage.incidents(merged=True) if kept.into)
        assert gone.into == stands.incident.id
        assert len(stands.incident.folds) == 6


def test_one_that_no_longer_stands_out_says_so_and_keeps_its_place(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        first, *rest = stage.frames([live.signal("a", 0), *live.everyday(6, 24)], 1)
        keeper.take(first)
        stage.tick(keeper)
        (before,) = stage.incidents(shown=True)
        for frame in rest:
            keeper.take(frame)
        stage.tick(keeper)
        assert stage.incidents(shown=True) == []
        (after,) = stage.incidents()
        assert after.incident.id == before.incident.id
        assert after.incident.why[0].code == "incident.receded"
        revision = after.revision
        keeper.take(type(first)("0", 10_000, "default", live.table([])))
        stage.tick(keeper)
        assert stage.incidents()[0].revision == revision


def test_what_a_trace_shows_joins_at_the_next_look(live: SimpleNamespace) -> None:
    with live.stage() as stage:
        keeper = stage.keeper()
        for frame in stage.frames([*live.everyday(3, 24), *live.attack(200)]):
            keeper.take(frame)
        for _ in range(4):
            stage.tick(keeper)
        (incident,) = (one.incident for one in stage.incidents() if "attack" in one.incident.title)
        results = keeper.tenants["default"].results
        quiet = [live.signal("logon", 60 * hour, "ws0", level="low")["event_id"] for hour in range(3)]
        traced = incident.trace.model_copy(update={"events": (*incident.trace.events, *quiet)})
        results.incidents[incident.id] = results.incidents[incident.id].model_copy(update={"trace": traced})
        keeper.save(live.start)
        (grown,) = (one.incident for one in stage.incidents() if "attack" in one.incident.title)
        assert {fold.rule for fold in grown.folds} - {fold.rule for fold in incident.folds} == {"logon"}
        assert "incident.grew" in {note.code for note in grown.why}

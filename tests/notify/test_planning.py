"""Planning: one message a route, when it is due, and the same key for the same change."""

from datetime import UTC, datetime, timedelta
from typing import Any

from watchkeeper.model.message import Message, Outgoing, Reason
from watchkeeper.notify.planning import planned
from watchkeeper.notify.routes import Matter, Route, Routes

NIGHT = datetime(2026, 3, 4, 23, tzinfo=UTC)
TO = {"channel": "slack", "url": "env:SLACK"}
QUIET = {"starts": "22:00", "ends": "07:00"}


def _plan(routes: list[dict[str, Any]], subject: str = "a", **said: Any) -> dict[str, Outgoing]:
    whole = Routes.model_validate({"routes": [{"to": TO, **route} for route in routes]})
    matter = Matter.model_validate({"tenant": "default", "level": "high", "level_before": None, "owners": (), "reasons": ("new",), **said})

    def compose(route: Route, reasons: tuple[Reason, ...], key: str) -> Message:
        return Message(
            key=key, tenant="default", incident="i", reasons=reasons, time=NIGHT, language=route.language, details=route.details,
            level=matter.level, outcome=None, subject="s", sections=(),
        )  # fmt: skip

    found = planned(whole, matter, subject, compose, NIGHT)
    assert len({one.message.key for one in found}) == len(found)
    return {one.route: one for one in found}


def test_in_quiet_hours_it_waits_for_their_end_unless_it_is_severe_enough() -> None:
    routes = [{"name": "duty", "quiet": QUIET}, {"name": "loud"}, {"name": "touchy", "quiet": {**QUIET, "unless": "high"}}]
    found = _plan(routes)
    assert (found["duty"].due, found["duty"].held) == (NIGHT + timedelta(hours=8), True)
    assert [(found[name].due, found[name].held) for name in ("loud", "touchy")] == [(NIGHT, False)] * 2
    assert _plan(routes, level="critical")["duty"].held is False


def test_escalation_comes_after_one_another_and_once_a_route() -> None:
    routes = [
        {"name": "duty", "escalate": {"after_minutes": 15, "to": "lead"}},
        {"name": "lead", "only_escalated": True, "escalate": {"after_minutes": 30, "to": "boss"}},
        {"name": "boss", "only_escalated": True},
    ]
    found = _plan(routes)
    assert [(one.route, one.due - NIGHT, one.escalates) for one in found.values()] == [
        ("duty", timedelta(0), False), ("lead", timedelta(minutes=15), True), ("boss", timedelta(minutes=45), True),
    ]  # fmt: skip
    assert found["boss"].message.reasons == ("escalated", "new")


def test_what_is_held_back_escalates_after_it_was_sent() -> None:
    routes = [{"name": "duty", "quiet": QUIET, "escalate": {"after_minutes": 15, "to": "lead"}}, {"name": "lead", "only_escalated": True}]
    assert _plan(routes)["lead"].due == NIGHT + timedelta(hours=8, minutes=15)


def test_the_same_change_has_the_same_keys_and_another_has_others() -> None:
    routes = [{"name": "duty"}, {"name": "lead"}]
    first, again, other = _plan(routes), _plan(routes), _plan(routes, subject="b")
    assert [one.message.key for one in first.values()] == [one.message.key for one in again.values()]
    assert {one.message.key for one in first.values()}.isdisjoint(one.message.key for one in other.values())

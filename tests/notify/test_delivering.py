"""Delivering: what is due goes once, what fails comes again, what fails for good is given up, and nothing keeps another waiting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from watchkeeper.model.message import Message, Outgoing
from watchkeeper.notify.delivering import (
    AT_ONCE,
    MOST_ATTEMPTS,
    Delivered,
    Fate,
    GivenUp,
    Later,
    NotNeeded,
    Outbox,
    Sent,
    deliver_due,
    wait,
)
from watchkeeper.notify.routes import Route, Routes

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@dataclass
class Box:
    """Messages in memory."""

    waiting: list[Outgoing]
    fates: list[tuple[int, Fate]] = field(default_factory=list)
    acknowledged: bool = False

    def deliver(self, routes: Routes, **secrets: str) -> Delivered:
        outbox = Outbox(lambda now: [one for one in self.waiting if one.due <= now], self.settle, lambda _: self.acknowledged)
        return deliver_due(outbox, routes, _digest, NOON, secrets.__getitem__)

    def settle(self, messages: Sequence[Outgoing], fate: Fate) -> None:
        self.fates.append((len(messages), fate))


def _digest(route: Route, messages: Sequence[Message]) -> Message:
    return messages[0].model_copy(update={"subject": f"{len(messages)} for {route.name}"})


def _routes(*names: str) -> Routes:
    routes = [{"name": name, "to": {"channel": "slack", "url": "env:URL" if name != "broken" else "env:NOWHERE"}} for name in names]
    return Routes.model_validate({"routes": routes})


def _out(message: Message, count: int = 1, **said: Any) -> list[Outgoing]:
    return [Outgoing(**{"message": message, "route": "duty", "due": NOON, "attempts": 1, **said}) for _ in range(count)]


@pytest.fixture
def served(hook: Callable[..., Any]) -> Any:
    return hook()


def _secrets(served: Any) -> dict[str, str]:
    return {"env:URL": served.url, "env:NOWHERE": "http://127.0.0.1:9/secret"}


def test_what_is_due_goes_and_what_is_not_waits(served: Any, message: Message) -> None:
    box = Box([*_out(message), *_out(message, due=NOON + timedelta(seconds=1))])
    done = box.deliver(_routes("duty"), **_secrets(served))
    assert (len(served.taken), box.fates, done.sent) == (1, [(1, Sent())], {"slack": 1})


def test_what_waited_for_the_morning_goes_as_one(served: Any, message: Message) -> None:
    box = Box([*_out(message, 3, held=True), *_out(message, 2)])
    box.deliver(_routes("duty"), **_secrets(served))
    assert sorted(count for count, _ in box.fates) == [1, 1, 3]
    assert sum(b"3 for duty" in body for _, _, body in served.taken) == 1


def test_a_flood_goes_as_one(served: Any, message: Message) -> None:
    box = Box(_out(message, AT_ONCE + 1))
    box.deliver(_routes("duty"), **_secrets(served))
    assert (len(served.taken), box.fates) == (1, [(AT_ONCE + 1, Sent())])


def test_what_fails_comes_again_later_and_keeps_no_other_waiting(served: Any, message: Message) -> None:
    box = Box([*_out(message, route="broken", attempts=3), *_out(message)])
    done = box.deliver(_routes("duty", "broken"), **_secrets(served))
    assert len(served.taken) == 1
    [later] = [fate for _, fate in box.fates if isinstance(fate, Later)]
    assert later.due == NOON + timedelta(minutes=2)
    assert "secret" not in "".join(done.why)
    assert (done.sent, done.failed, done.given_up) == ({"slack": 1}, {"slack": 1}, {})


def test_what_failed_often_or_for_good_is_given_up(served: Any, message: Message) -> None:
    box = Box(_out(message, route="broken", attempts=MOST_ATTEMPTS))
    done = box.deliver(_routes("broken"), **_secrets(served))
    assert isinstance(box.fates[0][1], GivenUp)
    assert done.given_up == {"slack": 1}
    served.status = 404
    gone = Box(_out(message))
    gone.deliver(_routes("duty"), **_secrets(served))
    assert isinstance(gone.fates[0][1], GivenUp)


def test_who_says_when_to_come_again_is_heard(served: Any, message: Message) -> None:
    served.status, served.headers = 429, {"retry-after": "600"}
    box = Box(_out(message))
    box.deliver(_routes("duty"), **_secrets(served))
    assert box.fates == [
        (
            1,
            Later(
                "http://127.0.0.1:{}/… answers with status 429".format(served.url.split(":")[2].split("/")[0]), NOON + timedelta(minutes=10)
            ),
        )
    ]


def test_nobody_is_escalated_to_once_somebody_acknowledged(served: Any, message: Message) -> None:
    for acknowledged, fate in ((True, NotNeeded()), (False, Sent())):
        box = Box(_out(message, escalates=True), acknowledged=acknowledged)
        box.deliver(_routes("duty"), **_secrets(served))
        assert box.fates == [(1, fate)]


def test_a_route_that_is_gone_is_given_up_and_said(message: Message) -> None:
    box = Box(_out(message))
    box.deliver(Routes())
    assert box.fates == [(1, GivenUp("there is no route 'duty' any more"))]


def test_a_secret_that_is_missing_is_tried_again(message: Message) -> None:
    box = Box(_out(message))
    done = box.deliver(_routes("duty"))
    assert isinstance(box.fates[0][1], Later)
    assert done.failed == {"slack": 1}


def test_waiting_doubles_up_to_an_hour() -> None:
    assert [wait(attempts).total_seconds() for attempts in (0, 1, 2, 3, 8, 99)] == [30, 30, 60, 120, 3_600, 3_600]

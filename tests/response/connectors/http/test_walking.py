"""Steps are done in order, within their time, and only with what they need."""

from collections.abc import Callable
from typing import Any

import pytest

from watchkeeper.model.means import Job
from watchkeeper.response.connectors.http.description import HttpAction, Step
from watchkeeper.response.connectors.http.walking import Asked, Walk, asked, assert_sendable, values_of


def _steps(*told: dict[str, Any]) -> tuple[Step, ...]:
    return tuple(Step.model_validate(one) for one in told)


def test_a_step_is_done_only_with_what_was_found() -> None:
    made: list[Asked] = []

    def send(one: Asked, _: Step) -> object:
        made.append(one)
        return {"id": 7} if one.method == "GET" else {}

    steps = _steps(
        {"request": "GET /a", "remember": {"id": {"path": "id"}, "none": {"path": "none"}}},
        {"request": "POST /if", "given": ["found.id"]},
        {"request": "POST /unless", "not_given": ["found.id"]},
        {"request": "POST /none", "given": ["found.none"]},
        {"request": "DELETE /a/{found.id}"},
    )
    Walk(send, until=10.0, clock=lambda: 0.0).through(steps, {}, "k")
    assert [(one.method, one.tail, one.key) for one in made] == [("GET", "/a", "k-0"), ("POST", "/if", "k-1"), ("DELETE", "/a/7", "k-4")]


def test_what_was_found_earlier_does_not_stand_for_what_is_not_found_now() -> None:
    answers = iter([{"id": 7}, {}])
    steps = _steps({"request": "GET /a", "remember": {"id": {"path": "id"}}}, {"request": "GET /b", "remember": {"id": {"path": "id"}}})
    assert Walk(lambda *_: next(answers), until=10.0, clock=lambda: 0.0).through(steps, {"key": "k"}, "k") == {"key": "k"}


def test_steps_end_when_their_time_is_over() -> None:
    now = iter(range(100))
    step = {
        "request": "GET /a",
        "again": {"until": {"value": "{found.x}"}, "times": 50, "every_seconds": 1},
        "remember": {"x": {"path": "x"}},
    }
    with pytest.raises(TimeoutError, match="took more than"):
        Walk(lambda *_: {}, until=5.0, clock=lambda: float(next(now)), pause=lambda _: None).through(_steps(step), {}, "k")


def test_a_request_that_is_too_large_is_not_made() -> None:
    [step] = _steps({"request": "POST /a", "body": "{argument.x}"})
    with pytest.raises(ValueError, match="more than 1 MiB"):
        asked(step, {"argument.x": "a" * (2 << 20)}, "k")


def test_what_a_job_lacks_is_seen_before_anything_is_asked() -> None:
    steps = _steps({"request": "GET /a"}, {"request": "POST /b", "body": {"a": "{argument.host}", "b": "{argument.sha1?}"}})
    with pytest.raises(ValueError, match="it needs 'host' beside its target"):
        assert_sendable(steps, {})
    assert_sendable(steps, {"argument.host": "ws1"})


def test_a_job_is_values_and_no_more_targets_than_it_may_have(job: Callable[..., Job]) -> None:
    action = HttpAction.model_validate({"kinds": {"host": "Machine"}, "do": [{"request": "POST /a"}], "unchecked": "x"})
    [values] = values_of(job("host", "ws1", arguments={"a": "1", "empty": ""}, reference="r"), action, {"s": "t"})
    wanted = {"target": "ws1", "targets": ("ws1",), "kind": "Machine", "argument.a": "1", "setting.s": "t", "reference": "r"}
    assert wanted.items() <= values.items()
    assert "argument.empty" not in values
    with pytest.raises(ValueError, match="2 targets are more than the 1"):
        list(values_of(job("host", "ws1", "ws2"), action, {}))

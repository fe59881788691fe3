"""What an answer means for a message: taken, later, or never."""

from collections.abc import Callable
from typing import Any

import pytest

from watchkeeper.notify.channel import NotSentError
from watchkeeper.notify.posting import post
from watchkeeper.outbound.exchange import Request


@pytest.mark.parametrize(("status", "is_final"), [(400, True), (404, True), (302, True), (429, False), (503, False), (401, False)])
def test_an_answer_says_whether_to_come_again(hook: Callable[..., Any], status: int, is_final: bool) -> None:
    server = hook()
    server.status, server.headers = status, {"retry-after": "30"} if status == 429 else {}
    with pytest.raises(NotSentError, match=str(status)) as caught:
        post(Request(server.url, b"{}", {}), lambda _: "")
    assert (caught.value.final, caught.value.retry_after_seconds) == (is_final, 30 if status == 429 else 0)
    assert "secret-path" not in str(caught.value)


def test_a_product_may_refuse_with_success(hook: Callable[..., Any]) -> None:
    server = hook()
    post(Request(server.url, b"{}", {}), lambda _: "")
    with pytest.raises(NotSentError, match="no: …") as caught:
        post(Request(server.url, b"{}", {}, ("hunter2",)), lambda _: "no: hunter2")
    assert not caught.value.final


def test_who_is_not_there_is_asked_again_later() -> None:
    with pytest.raises(NotSentError, match="ConnectError") as caught:
        post(Request("http://127.0.0.1:9/x", b"{}", {}), lambda _: "")
    assert not caught.value.final

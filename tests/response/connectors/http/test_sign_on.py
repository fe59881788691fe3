"""Signing on: each way carries what it should, tokens are kept until they expire, and no secret is shown."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import pytest

from watchkeeper.outbound.exchange import Limits
from watchkeeper.response.connectors.http.sign_on import Door, Tokens, carried, forget, read_sign_on

SECRET = "a secret+&=ß"  # noqa: S105 -- of servers that are started here


def _door(base: str, tokens: Tokens | None = None, shared: str = SECRET) -> Door:
    return Door(base, lambda _: shared, Limits(), tokens or Tokens())


def test_a_token_a_password_and_a_key_are_carried() -> None:
    door = _door("https://p.example", shared="plain")
    assert carried(read_sign_on({"by": "bearer", "token": "env:T"}), door, "", b"").headers == {"Authorization": "Bearer plain"}
    assert carried(read_sign_on({"by": "key", "header": "X-Key", "secret": "env:T"}), door, "", b"").headers == {"X-Key": "plain"}
    assert carried(read_sign_on({"by": "none"}), door, "", b"").headers == {}
    basic = carried(read_sign_on({"by": "basic", "user": "u", "password": "env:T"}), door, "", b"")
    assert basic.headers == {"Authorization": f"Basic {base64.b64encode(b'u:plain').decode()}"}


def test_a_secret_that_no_header_may_have_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="characters that no header may have") as caught:
        carried(read_sign_on({"by": "bearer", "token": "env:T"}), _door("", shared="a\r\nX-Evil: 1"), "", b"")
    assert "Evil" not in str(caught.value)


def test_a_signature_is_over_key_time_and_body() -> None:
    door = _door("https://p.example", shared="shared")
    headers = carried(read_sign_on({"by": "hmac", "secret": "env:T"}), door, "k1", b"{}").headers
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    wanted = hmac.digest(b"shared", f"k1.{headers['webhook-timestamp']}.".encode() + b"{}", hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(wanted).decode()


def test_a_token_of_oauth2_is_asked_for_once_and_again_when_it_expires(product: Callable[..., Any]) -> None:
    given = iter(range(100))
    server = product(lambda _: (200, {"access_token": f"t{next(given)}", "token_type": "Bearer", "expires_in": 3600}))
    now = [0.0]
    door = _door("https://p.example", Tokens(clock=lambda: now[0]))
    way = read_sign_on({"by": "oauth2", "token_url": f"{server.url}/token", "client_id": "me", "client_secret": "env:T", "scope": "s"})
    first, second = carried(way, door, "", b""), carried(way, door, "", b"")
    assert (first.headers["Authorization"], first.is_kept, second.headers, second.is_kept) == ("Bearer t0", False, first.headers, True)
    asked = {name: value[0] for name, value in parse_qs(server.calls[0].body.decode()).items()}
    assert asked == {"grant_type": "client_credentials", "client_id": "me", "client_secret": SECRET, "scope": "s"}
    now[0] = 3_539.0
    assert carried(way, door, "", b"").headers["Authorization"] == "Bearer t0"
    now[0] = 3_541.0
    assert carried(way, door, "", b"").headers["Authorization"] == "Bearer t1"
    forget(way, door)
    assert carried(way, door, "", b"").headers["Authorization"] == "Bearer t2"
    assert len(server.calls) == 3


def test_a_session_is_a_token_for_a_password(product: Callable[..., Any]) -> None:
    server = product(lambda _: (200, {"data": {"token": "abc"}}))
    way = read_sign_on({"by": "session", "path": "/login", "user": "u", "password": "env:T", "token": "data.token"})
    assert carried(way, _door(server.url), "", b"").headers == {"Authorization": "Bearer abc"}
    assert server.calls[0].headers["authorization"] == f"Basic {base64.b64encode(f'u:{SECRET}'.encode()).decode()}"


@pytest.mark.parametrize(
    ("status", "answer", "error", "said"),
    [
        (401, {"error": f"no {SECRET}"}, ValueError, "answers with status 401"),
        (500, {}, ConnectionError, "answers with status 500"),
        (200, {"nothing": 1}, ValueError, "gives no token"),
        (200, {"access_token": "a\r\nX: y"}, ValueError, "gives no token"),
        (200, b"<html>", ValueError, "no JSON"),
    ],
)
def test_no_token_is_said_without_the_secret(
    product: Callable[..., Any], status: int, answer: object, error: type[Exception], said: str
) -> None:
    server = product(lambda _: (status, answer))
    way = read_sign_on({"by": "oauth2", "token_url": f"{server.url}/token", "client_id": "me", "client_secret": "env:T"})
    with pytest.raises(error, match=said) as caught:
        carried(way, _door(""), "", b"")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "told",
    [
        {"by": "nothing"}, {}, {"by": "bearer", "token": "hunter2hunter2"}, {"by": "basic", "user": "u\r\n", "password": "env:X"},
        {"by": "oauth2", "token_url": "http://evil.example/", "client_id": "x", "client_secret": "env:X"},
        {"by": "session", "path": "https://evil.example", "user": "u", "password": "env:X", "token": "t"},
    ],
)  # fmt: skip
def test_what_is_no_way_is_refused_and_shows_nothing_of_it(told: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="auth: ") as caught:
        read_sign_on(told)
    assert "hunter2" not in str(caught.value)

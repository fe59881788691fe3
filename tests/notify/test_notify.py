"""What holds for every channel: it sends, it escapes, it bounds, it hides secrets, it follows nobody."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from watchkeeper.model.message import Message
from watchkeeper.notify import CHANNELS
from watchkeeper.notify.channel import Channel, NotSentError, Sending
from watchkeeper.notify.routes import Route
from watchkeeper.server.measures import CHANNELS as MEASURED

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
OVER_HTTP = [channel for channel in CHANNELS if channel.name != "mail"]
LIMITS = {"slack": 60_000, "feishu": 20 * 1024, "dingtalk": 20_000, "wecom": 2_048 + 200, "webhook": 5_000_000}
"""Bytes of a request: what each product says; for the webhook what we promise."""


def _target(channel: Channel[Any], url: str) -> Any:
    said: dict[str, object] = {"channel": channel.name, "url": "env:URL"}
    fields = channel.target.model_fields
    if "secret" in fields:
        said |= {"secret": "env:SECRET"}
    return channel.target.model_validate(said)


def _without_surrogates(value: object) -> object:
    """Nothing that was kept as JSON has any."""
    match value:
        case str():
            return value.replace("\ud800", "?")
        case dict():
            return {key: _without_surrogates(item) for key, item in value.items()}
        case tuple():
            return tuple(_without_surrogates(item) for item in value)
        case _:
            return value


def _sending(url: str) -> Sending:
    return Sending({"env:URL": url, "env:SECRET": "top-secret"}.__getitem__, NOON)


def test_what_is_measured_by_channel_has_every_channel() -> None:
    assert tuple(channel.name for channel in CHANNELS) == MEASURED


@pytest.mark.parametrize("channel", OVER_HTTP, ids=lambda one: one.name)
def test_a_message_arrives_with_its_words_and_its_link(channel: Channel[Any], hook: Callable[..., Any], message: Message) -> None:
    server = hook()
    assert channel.send(message, _target(channel, server.url), _sending(server.url)) == ""
    [(path, headers, body)] = server.taken
    assert path.startswith("/secret-path")
    assert "json" in headers["content-type"]
    said = json.dumps(json.loads(body), ensure_ascii=False)
    assert all(words in said for words in ("Credentials dumped on ws1", "What is known", "take ws1 off the network", message.link))


@pytest.mark.parametrize("channel", OVER_HTTP, ids=lambda one: one.name)
def test_a_hostile_message_fits_and_controls_nothing(channel: Channel[Any], hook: Callable[..., Any], hostile: Message) -> None:
    server = hook()
    if channel.name == "webhook":  # data for programs: whole, and JSON does the escaping
        hostile = Message.model_validate(_without_surrogates(hostile.model_dump()))
    channel.send(hostile, _target(channel, server.url), _sending(server.url))
    [(_, headers, body)] = server.taken
    assert len(body) <= LIMITS[channel.name]
    assert not {"bcc", "x"} & headers.keys()
    json.loads(body)
    if channel.name != "webhook":
        text = json.dumps(json.loads(body), ensure_ascii=False)
        assert not re.search(r"\\r|\\u0000|\\u001b|\u202e|\u2066|\ud800|https?://(?!console)", text)
        assert "<!channel>" not in text
        assert "<at user_id" not in text.replace("\\", "")
        assert "<@U1>" not in text
        assert "<https" not in text.replace(f"<{hostile.link}|", "")
    if channel.name in {"feishu", "dingtalk", "wecom"}:
        assert "@" not in text


@pytest.mark.parametrize("channel", OVER_HTTP, ids=lambda one: one.name)
def test_a_redirect_is_not_followed_and_not_tried_again(channel: Channel[Any], hook: Callable[..., Any], message: Message) -> None:
    server, other = hook(), hook()
    server.status, server.headers = 307, {"location": other.url}
    with pytest.raises(NotSentError, match="redirect") as caught:
        channel.send(message, _target(channel, server.url), _sending(server.url))
    assert caught.value.final
    assert other.taken == []


@pytest.mark.parametrize("channel", OVER_HTTP, ids=lambda one: one.name)
@pytest.mark.parametrize("status", [400, 403, 429, 500])
def test_what_is_said_of_a_failure_names_no_secret(channel: Channel[Any], hook: Callable[..., Any], message: Message, status: int) -> None:
    server = hook()
    server.status, server.headers, server.answer = status, {"retry-after": "77"}, b"secret-path top-secret"
    with pytest.raises(NotSentError) as caught:
        channel.send(message, _target(channel, server.url), _sending(server.url))
    assert not re.search("secret", str(caught.value))
    assert str(status) in str(caught.value)
    assert caught.value.final == (status == 400)
    assert caught.value.retry_after_seconds == 77


@pytest.mark.parametrize("name", ["feishu", "dingtalk", "wecom"])
def test_success_by_status_and_refusal_by_code_is_a_refusal(name: str, hook: Callable[..., Any], message: Message) -> None:
    channel = next(one for one in CHANNELS if one.name == name)
    server = hook()
    server.answer = b'{"code": 19021, "errcode": 310000, "msg": "sign of top-secret", "errmsg": "key secret-path"}'
    with pytest.raises(NotSentError, match=r"19021|310000") as caught:
        channel.send(message, _target(channel, server.url), _sending(server.url))
    assert not re.search("secret", str(caught.value)), "neither the signing secret nor a part of the address"
    server.answer = b"<html>welcome</html>"
    with pytest.raises(NotSentError, match="own format"):
        channel.send(message, _target(channel, server.url), _sending(server.url))
    server.answer = b"[]"
    with pytest.raises(NotSentError, match="right address"):
        channel.send(message, _target(channel, server.url), _sending(server.url))


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda one: one.name)
def test_a_secret_in_the_configuration_is_refused(channel: Channel[Any]) -> None:
    every = {"server": "mail.example", "sender": "a@example.com", "to": ["b@example.com"], "user": "u", "url": "env:URL"}
    said = {name: value for name, value in every.items() if name in channel.target.model_fields}
    secret = "password" if channel.name == "mail" else "url" if channel.name in {"slack", "wecom"} else "secret"
    with pytest.raises(ValueError, match="write env:NAME or file:/path"):
        channel.target.model_validate({"channel": channel.name, **said, secret: "hunter2"})


@pytest.mark.parametrize("channel", OVER_HTTP, ids=lambda one: one.name)
def test_where_it_goes_is_shown_without_the_secret(channel: Channel[Any]) -> None:
    assert "secret" not in channel.place(_target(channel, "")).replace("env:SECRET", "")


def test_a_place_that_is_not_there_is_said_without_its_path(message: Message) -> None:
    channel = next(one for one in CHANNELS if one.name == "slack")
    with pytest.raises(NotSentError, match=r"http://127\.0\.0\.1:9/…: ConnectError"):
        channel.send(message, _target(channel, ""), _sending("http://127.0.0.1:9/secret-path"))
    with pytest.raises(NotSentError, match="https address") as caught:
        channel.send(message, _target(channel, ""), _sending("http://hooks.example/secret-path"))
    assert "secret" not in str(caught.value)


def test_a_route_of_every_channel_is_a_route() -> None:
    for channel in OVER_HTTP:
        assert Route(name="a", to=_target(channel, "")).to.channel == channel.name

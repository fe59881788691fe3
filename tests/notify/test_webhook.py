"""The webhook: a receiver that follows the two specifications, and nothing of ours, understands and trusts it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from ssl import SSLContext
from typing import Any

import jsonschema
import pytest

from watchkeeper.model.message import Message
from watchkeeper.notify.channel import NotSentError, Sending
from watchkeeper.notify.webhook import WebhookTarget, event, request, webhook

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
CLOUDEVENT = {
    "type": "object",
    "required": ["id", "source", "specversion", "type"],
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "source": {"type": "string", "minLength": 1, "format": "uri-reference"},
        "specversion": {"const": "1.0"},
        "type": {"type": "string", "minLength": 1},
        "datacontenttype": {"type": "string", "minLength": 1},
        "subject": {"type": "string", "minLength": 1},
        "time": {"type": "string", "format": "date-time", "minLength": 1},
    },
    "patternProperties": {"^[a-z0-9]+$": {}},
    "additionalProperties": False,
}
"""Context attributes as CloudEvents 1.0.2 asks for them: which are required, not empty, and how they are named."""


def _is_trusted(headers: dict[str, str], body: bytes, secret: bytes, now: float) -> bool:
    """Check as a receiver does by the Standard Webhooks specification."""
    if abs(now - int(headers["webhook-timestamp"])) > 300:
        return False
    signed = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
    wanted = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(one, f"v1,{wanted}") for one in headers["webhook-signature"].split(" "))


def _sent(hook: Callable[..., Any], message: Message, secret: str) -> tuple[dict[str, str], bytes]:
    server = hook()
    target = WebhookTarget.model_validate({"channel": "webhook", "url": server.url, "secret": "env:S"})
    webhook.send(message, target, Sending({"env:S": secret}.__getitem__, NOON))
    [(_, headers, body)] = server.taken
    return headers, body


@pytest.mark.parametrize(("secret", "key"), [("plain words", b"plain words"), ("whsec_" + base64.b64encode(b"k" * 24).decode(), b"k" * 24)])
def test_a_receiver_trusts_it_for_five_minutes_and_no_other_body(
    hook: Callable[..., Any], message: Message, secret: str, key: bytes
) -> None:
    headers, body = _sent(hook, message, secret)
    now = NOON.timestamp()
    assert _is_trusted(headers, body, key, now)
    assert not _is_trusted(headers, body, key, now + 301)
    assert not _is_trusted(headers, body.replace(b"high", b"low!"), key, now)
    assert not _is_trusted(headers | {"webhook-timestamp": str(int(now) + 1)}, body, key, now)
    assert not _is_trusted(headers, body, b"another", now)


def test_it_is_a_cloudevent_whose_data_is_the_message(hook: Callable[..., Any], message: Message) -> None:
    headers, body = _sent(hook, message, "s")
    found = json.loads(body)
    assert headers["content-type"].startswith("application/cloudevents+json")
    assert Message.model_validate(found.pop("data")) == message
    jsonschema.validate(found, CLOUDEVENT, format_checker=jsonschema.FormatChecker())
    assert (found["id"], found["subject"]) == (headers["webhook-id"], message.incident)
    assert "subject" not in event(message.model_copy(update={"incident": ""}))


def test_tls_is_verified(
    hook: Callable[..., Any], tls: SSLContext, certificate: Path, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = hook(tls)
    target = WebhookTarget.model_validate({"channel": "webhook", "url": server.url, "secret": "env:S"})
    sending = Sending({"env:S": "s"}.__getitem__, NOON)
    with pytest.raises(NotSentError, match="certificate"):
        webhook.send(message, target, sending)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    webhook.send(message, target, sending)
    assert len(server.taken) == 1


def test_an_address_with_a_secret_in_it_stands_elsewhere(hook: Callable[..., Any], message: Message) -> None:
    server = hook()
    target = WebhookTarget.model_validate({"channel": "webhook", "url": "env:URL", "secret": "env:S"})
    webhook.send(message, target, Sending({"env:S": "s", "env:URL": server.url}.__getitem__, NOON))
    assert len(server.taken) == 1


@pytest.mark.parametrize("url", ["http://example.com/", "https://u:p@example.com/", "gopher://x/", "https:///nowhere", "file.yml"])
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="https address"):
        WebhookTarget.model_validate({"channel": "webhook", "url": url, "secret": "env:S"})


def test_half_a_secret_is_said_at_once(message: Message) -> None:
    with pytest.raises(NotSentError, match="whsec_") as caught:
        request(message, "https://a.example/", "whsec_***", 0)
    assert caught.value.final

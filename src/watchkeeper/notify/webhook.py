"""A signed webhook: CloudEvents 1.0 in structured mode, signed as Standard Webhooks 1.0.0. Owns both; the sending is `posting`'s.

Sources: CloudEvents 1.0.2, "JSON Event Format"; the Standard Webhooks specification 1.0.0, "Signature scheme".
"""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Literal

from pydantic import field_validator

from watchkeeper.model.message import Message
from watchkeeper.model.noun import Noun
from watchkeeper.notify.channel import Channel, NotSentError, Sending
from watchkeeper.notify.layout import bounded
from watchkeeper.notify.posting import Post, checked_url, post
from watchkeeper.settings.references import Reference, masked

TYPE = "watchkeeper.message.v1"
"""Type of the event: its `data` is a Message as in `model/message.py`; a change that breaks readers gets a new number."""


class WebhookTarget(Noun):
    """An address of yours that takes messages."""

    channel: Literal["webhook"]
    """This channel."""
    url: str
    """Its https address; one with a secret in it as env:NAME or file:/path."""
    secret: Reference
    """Where the secret is that messages are signed with: any text, or `whsec_` and base64."""

    @field_validator("url")
    @classmethod
    def _secure(cls, url: str) -> str:
        return url if url.startswith(("env:", "file:/")) else checked_url(url)


def request(message: Message, url: str, secret: str, seconds: int) -> Post:
    """Make the signed request; `seconds` is now since 1970, which the receiver compares with its clock."""
    body = json.dumps(event(message), ensure_ascii=False, separators=(",", ":")).encode()
    headers = {
        "content-type": "application/cloudevents+json; charset=utf-8",
        "webhook-id": message.key,
        "webhook-timestamp": str(seconds),
        "webhook-signature": signature(message.key, seconds, body, secret),
    }
    return Post(url, body, headers, (secret,))


def signature(key: str, seconds: int, body: bytes, secret: str) -> str:
    """Sign the message's key, the time and the body, joined by dots."""
    signed = f"{key}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), signed, hashlib.sha256)).decode()


def event(message: Message) -> dict[str, object]:
    """Give the event as the receiver reads it."""
    return {
        "specversion": "1.0",
        "id": message.key,
        "source": f"/watchkeeper/{message.tenant}",
        "type": TYPE,
        "time": message.time.isoformat(),
        "datacontenttype": "application/json",
        **({"subject": message.incident} if message.incident else {}),
        "data": bounded(message).model_dump(mode="json"),
    }


def _key(secret: str) -> bytes:
    if not secret.startswith("whsec_"):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise NotSentError("the webhook's secret begins with whsec_ but no base64 follows", final=True) from error


def _send(message: Message, target: WebhookTarget, sending: Sending) -> str:
    url = sending.reveal(target.url) if target.url.startswith(("env:", "file:/")) else target.url
    post(request(message, url, sending.reveal(target.secret), int(sending.now.timestamp())), lambda _: "")
    return ""


def _place(target: WebhookTarget) -> str:
    return masked(target.url) if "://" in target.url else target.url


webhook = Channel("webhook", WebhookTarget, _send, _place)

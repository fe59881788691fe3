"""A signed webhook: CloudEvents 1.0 in structured mode, signed as Standard Webhooks 1.0.0. Owns the event; signing and sending are not its.

Source: CloudEvents 1.0.2, "JSON Event Format".
"""

import json
from typing import Literal

from pydantic import field_validator

from watchkeeper.model.message import Message
from watchkeeper.model.noun import Noun
from watchkeeper.notify.channel import Channel, NotSentError, Sending
from watchkeeper.notify.layout import bounded
from watchkeeper.notify.posting import post
from watchkeeper.outbound.exchange import Request, checked_url
from watchkeeper.outbound.signing import signed_headers
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


def request(message: Message, url: str, secret: str, seconds: int) -> Request:
    """Make the signed request; `seconds` is now since 1970, which the receiver compares with its clock."""
    body = json.dumps(event(message), ensure_ascii=False, separators=(",", ":")).encode()
    try:
        signed = signed_headers(message.key, seconds, body, secret)
    except ValueError as error:
        raise NotSentError(f"the webhook: {error}", final=True) from error
    return Request(url, body, {"content-type": "application/cloudevents+json; charset=utf-8", **signed}, (secret,))


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


def _send(message: Message, target: WebhookTarget, sending: Sending) -> str:
    url = sending.reveal(target.url) if target.url.startswith(("env:", "file:/")) else target.url
    post(request(message, url, sending.reveal(target.secret), int(sending.now.timestamp())), lambda _: "")
    return ""


def _place(target: WebhookTarget) -> str:
    return masked(target.url) if "://" in target.url else target.url


webhook = Channel("webhook", WebhookTarget, _send, _place)

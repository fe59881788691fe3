"""Custom robots of DingTalk. Owns the text message, the signed address, and what its answer means. Not tried on the product.

Text and not Markdown: their dialect has no escape that is written down. Source: DingTalk Open Platform, "Custom robot access" (signature
over time in milliseconds, a line feed and the secret; 20 messages a minute; 20,000 bytes a message; `errcode` in the answer).
"""

import base64
import hashlib
import hmac
import json
from typing import Literal
from urllib.parse import quote_plus

from watchkeeper.model.message import Message
from watchkeeper.model.noun import Noun
from watchkeeper.notify.answers import told_code
from watchkeeper.notify.channel import Channel, Sending
from watchkeeper.notify.layout import cut_bytes, text, without_mentions
from watchkeeper.notify.posting import post
from watchkeeper.outbound.exchange import Request
from watchkeeper.settings.references import Reference

_MOST_BYTES = 15_000
"""Of the text: 20,000 are allowed for the message as JSON."""


class DingtalkTarget(Noun):
    """A group of DingTalk with a custom robot in it."""

    channel: Literal["dingtalk"]
    """This channel."""
    url: Reference
    """Where the robot's address with its access token is, which is a secret itself."""
    secret: Reference | None = None
    """Where the secret of its signature is (`SEC…`); none if it lets in by keyword or address."""


def signed(url: str, secret: str, milliseconds: int) -> str:
    """Add time and signature to the robot's address."""
    digest = hmac.digest(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256)
    return f"{url}{'&' if '?' in url else '?'}timestamp={milliseconds}&sign={quote_plus(base64.b64encode(digest))}"


def payload(message: Message) -> dict[str, object]:
    """Give what the robot is sent; nobody is mentioned."""
    content = cut_bytes(text(message, without_mentions), _MOST_BYTES)
    return {"msgtype": "text", "text": {"content": content}, "at": {"atMobiles": [], "atUserIds": [], "isAtAll": False}}


def _send(message: Message, target: DingtalkTarget, sending: Sending) -> str:
    url = sending.reveal(target.url)
    secret = sending.reveal(target.secret) if target.secret else ""
    address = signed(url, secret, int(sending.now.timestamp() * 1000)) if secret else url
    body = json.dumps(payload(message), ensure_ascii=False).encode()
    post(Request(address, body, {"content-type": "application/json; charset=utf-8"}, (url, secret)), told_code("errcode", "errmsg"))
    return ""


dingtalk = Channel("dingtalk", DingtalkTarget, _send, lambda target: target.url)

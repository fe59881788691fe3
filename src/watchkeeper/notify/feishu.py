"""Custom bots of Feishu and Lark. Owns the message of type `post`, the signature, and what their answer means. Not tried on the product.

Source: Feishu Open Platform, "Custom bot usage guide" (rich text, signature verification, 20 KB a request, codes in the answer).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Literal

from watchkeeper.model.message import Message
from watchkeeper.model.noun import Noun
from watchkeeper.notify.answers import told_code
from watchkeeper.notify.channel import Channel, Sending
from watchkeeper.notify.layout import cut_bytes, harmless, parts, subject, without_mentions
from watchkeeper.notify.posting import post
from watchkeeper.outbound.exchange import Request
from watchkeeper.settings.references import Reference

_ROOM = 14 * 1024
"""Bytes of text: 20 KiB are allowed for the request, and what JSON adds has room beside it."""
_LANGUAGES = {"zh": "zh_cn", "en": "en_us"}


class FeishuTarget(Noun):
    """A group of Feishu or Lark with a custom bot in it."""

    channel: Literal["feishu"]
    """This channel."""
    url: Reference
    """Where the bot's address is, which is a secret itself."""
    secret: Reference | None = None
    """Where the secret of its signature verification is; none if that is switched off."""


def signature(secret: str, seconds: int) -> str:
    """Sign a moment: HMAC-SHA256 of nothing, with the time and the secret as its key."""
    return base64.b64encode(hmac.digest(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256)).decode()


def payload(message: Message, secret: str, seconds: int) -> dict[str, object]:
    """Give what the bot is sent."""
    words = {"title": without_mentions(subject(message, 200)), "content": list(_paragraphs(message))}
    signed = {"timestamp": str(seconds), "sign": signature(secret, seconds)} if secret else {}
    return {**signed, "msg_type": "post", "content": {"post": {_LANGUAGES[message.language]: words}}}


def _paragraphs(message: Message) -> Iterator[list[dict[str, str]]]:
    if message.link:
        yield [{"tag": "a", "text": without_mentions(harmless(message.link_words)), "href": message.link}]
    left = _ROOM
    for heading, lines in parts(message):
        for line in (heading, *(f"- {line}" for line in lines)):
            words = cut_bytes(without_mentions(line), max(left, 0))
            left -= len(words.encode()) + 32
            if left < 0:
                return
            yield [{"tag": "text", "text": words}]


def _send(message: Message, target: FeishuTarget, sending: Sending) -> str:
    secret = sending.reveal(target.secret) if target.secret else ""
    body = json.dumps(payload(message, secret, int(sending.now.timestamp())), ensure_ascii=False).encode()
    post(
        Request(sending.reveal(target.url), body, {"content-type": "application/json; charset=utf-8"}, (secret,)), told_code("code", "msg")
    )
    return ""


feishu = Channel("feishu", FeishuTarget, _send, lambda target: target.url)

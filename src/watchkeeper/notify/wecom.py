"""Group robots of WeCom. Owns the text message and what its answer means. Not tried on the product.

Text and not Markdown: their dialect has no escape that is written down, and reads `<@user>`. Source: WeCom developer documentation, "Group
robot configuration" (2,048 bytes of text, 20 messages a minute; `errcode` in the answer).
"""

import json
from typing import Literal

from watchkeeper.model.message import Message
from watchkeeper.model.noun import Noun
from watchkeeper.notify.answers import told_code
from watchkeeper.notify.channel import Channel, Sending
from watchkeeper.notify.layout import cut_bytes, text, without_mentions
from watchkeeper.notify.posting import post
from watchkeeper.outbound.exchange import Request
from watchkeeper.settings.references import Reference

_MOST_BYTES = 2_048


class WecomTarget(Noun):
    """A group of WeCom with a robot in it."""

    channel: Literal["wecom"]
    """This channel."""
    url: Reference
    """Where the robot's address with its key is, which is a secret itself."""


def payload(message: Message) -> dict[str, object]:
    """Give what the robot is sent; nobody is mentioned."""
    content = cut_bytes(text(message, without_mentions), _MOST_BYTES)
    return {"msgtype": "text", "text": {"content": content, "mentioned_list": [], "mentioned_mobile_list": []}}


def _send(message: Message, target: WecomTarget, sending: Sending) -> str:
    body = json.dumps(payload(message), ensure_ascii=False).encode()
    headers = {"content-type": "application/json; charset=utf-8"}
    post(Request(sending.reveal(target.url), body, headers), told_code("errcode", "errmsg"))
    return ""


wecom = Channel("wecom", WecomTarget, _send, lambda target: target.url)

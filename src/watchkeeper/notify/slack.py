"""Slack's incoming webhooks. Owns the blocks and their limits. Not tried on the product.

Sources: Slack's documentation, "Sending messages using incoming webhooks", "Formatting message text" (what is escaped), and "Blocks"
(150 characters in a header, 3,000 in a section, 50 blocks).
"""

import json
from typing import Literal

from watchkeeper.model.message import Message
from watchkeeper.model.noun import Noun
from watchkeeper.notify.channel import Channel, Sending
from watchkeeper.notify.layout import cut, harmless, parts, subject
from watchkeeper.notify.posting import post
from watchkeeper.outbound.exchange import Request
from watchkeeper.settings.references import Reference

_HEADER, _SECTION = 150, 3_000
_ALL = 11_000
"""Characters of all blocks together: more than about 13,000 are refused, as users of the product report."""


class SlackTarget(Noun):
    """A channel of Slack."""

    channel: Literal["slack"]
    """This channel."""
    url: Reference
    """Where the webhook's address is, which is a secret itself."""


def payload(message: Message) -> dict[str, object]:
    """Give what Slack is sent: nothing in it is markup but our own link."""
    head = subject(message, _HEADER)
    blocks: list[dict[str, object]] = [{"type": "header", "text": _plain(head, _HEADER)}]
    if message.link:
        link = f"<{_escaped(message.link)}|{_escaped(harmless(message.link_words)).replace('|', '/')}>"
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": link, "verbatim": True}})
    left = _ALL
    for heading, said in parts(message):
        lines = "\n".join((heading, *(f"• {line}" for line in said)))
        room = min(_SECTION, left)
        if room < 100:
            break
        blocks.append({"type": "section", "text": _plain(lines, room)})
        left -= min(len(lines), room)
    return {"text": _escaped(head), "mrkdwn": False, "unfurl_links": False, "unfurl_media": False, "blocks": blocks}


def _plain(words: str, most: int) -> dict[str, object]:
    """Escape, then cut so that the escaped text fits and no escape is cut in two."""
    kept = cut(words, most)
    while len(_escaped(kept)) > most:
        kept = cut(kept, len(kept) - max(1, (len(_escaped(kept)) - most) // 5))
    return {"type": "plain_text", "text": _escaped(kept), "emoji": False}


def _escaped(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _send(message: Message, target: SlackTarget, sending: Sending) -> str:
    body = json.dumps(payload(message), ensure_ascii=False).encode()
    post(Request(sending.reveal(target.url), body, {"content-type": "application/json; charset=utf-8"}), lambda _: "")
    return ""


slack = Channel("slack", SlackTarget, _send, lambda target: target.url)

"""Messages as plain text, made harmless and cut to a length. Owns what every format shares; escaping is each channel's."""

import re
from collections.abc import Callable, Iterator

from watchkeeper.model.message import Message

_HIDING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_WEB = re.compile(r"(?i)\bh(tt)(ps?://)")
_WWW = re.compile(r"(?i)\b(www)\.")
MORE = "…"


def harmless(text: str) -> str:
    """Give one line without characters that control, hide or turn text around, in which no address can be clicked on."""
    return _WWW.sub(r"\1[.]", _WEB.sub(r"hxx\2", _HIDING.sub("\N{REPLACEMENT CHARACTER}", text)))


def cut(text: str, most: int) -> str:
    """Cut a text to so many characters, and show that it was cut."""
    return text if len(text) <= most else text[: most - 1] + MORE


def cut_bytes(text: str, most: int) -> str:
    """Cut a text to so many bytes of UTF-8, never within a character, and show that it was cut."""
    body = text.encode()
    if len(body) <= most:
        return text
    return body[: most - len(MORE.encode())].decode(errors="ignore") + MORE


def subject(message: Message, most: int) -> str:
    """Give the subject as one harmless line."""
    return cut(harmless(message.subject), most)


def text(message: Message, escaped: Callable[[str], str]) -> str:
    """Lay a message out as plain text: subject, link, then the sections; the link stands early, so that cutting spares it."""
    return "\n".join(_lines(message, escaped))


def _lines(message: Message, escaped: Callable[[str], str]) -> Iterator[str]:
    yield escaped(harmless(message.subject))
    if message.link:
        yield f"{escaped(harmless(message.link_words))}: {message.link}"
    for section in message.sections:
        yield ""
        yield f"{escaped(harmless(section.heading))}:"
        yield from (f"- {escaped(harmless(line))}" for line in section.lines)

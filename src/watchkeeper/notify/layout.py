"""Messages as plain text, made harmless and cut to a length. Owns what every format shares; escaping is each channel's."""

import re
from collections.abc import Callable, Iterator

from watchkeeper.model.message import Message, Section

_HIDING = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_WEB = re.compile(r"(?i)\bh(tt)(ps?://)")
_WWW = re.compile(r"(?i)\b(www)\.")
_MENTIONS = str.maketrans("<>@", "\uff1c\uff1e\uff20")
MORE = "…"
_MOST_SECTIONS, _MOST_LINES, _MOST_LINE = 20, 60, 1_000


def harmless(text: str) -> str:
    """Give one line of a bounded length, without characters that control, hide or turn text around; no address in it can be clicked on."""
    return _WWW.sub(r"\1[.]", _WEB.sub(r"hxx\2", _HIDING.sub("\N{REPLACEMENT CHARACTER}", cut(text, _MOST_LINE))))


def parts(message: Message) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield heading and lines of each section, harmless and bounded."""
    for section in message.sections[:_MOST_SECTIONS]:
        yield harmless(section.heading), tuple(harmless(line) for line in section.lines[:_MOST_LINES])


def without_mentions(words: str) -> str:
    """Put wide forms, which look alike and mean nothing, in the place of what mentions people: `@all`, `<@user>`, `<at …>`.

    For products whose documentation names no way to escape it.
    """
    return words.translate(_MENTIONS)


def cut(text: str, most: int) -> str:
    """Cut a text to so many characters, and show that it was cut."""
    return text if len(text) <= most else text[: most - 1] + MORE


def cut_bytes(text: str, most: int) -> str:
    """Cut a text to so many bytes of UTF-8, never within a character, and show that it was cut."""
    body = text.encode()
    if len(body) <= most:
        return text
    return body[: most - len(MORE.encode())].decode(errors="ignore") + MORE


def bounded(message: Message) -> Message:
    """Give the message with no more, and no longer, lines and hosts than people are shown; what programs read is not made harmless."""
    sections = tuple(
        Section(heading=cut(one.heading, _MOST_LINE), lines=tuple(cut(line, _MOST_LINE) for line in one.lines[:_MOST_LINES]))
        for one in message.sections[:_MOST_SECTIONS]
    )
    hosts = tuple(cut(host, _MOST_LINE) for host in message.hosts[:_MOST_LINES])
    return message.model_copy(update={"sections": sections, "hosts": hosts, "subject": cut(message.subject, _MOST_LINE)})


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
    for heading, lines in parts(message):
        yield ""
        yield f"{escaped(heading)}:"
        yield from (f"- {escaped(line)}" for line in lines)

"""What a log may do to a reader's screen: nothing. Owns making hidden characters visible; escaping is each format's."""

import re
import unicodedata

_HIDING = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_SUSPECT = re.compile(r"[^\x20-\x7e\xa1-\xac\xae-\u02ff\u3400-\u9fff]")
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]{4,}")
LIMIT = 400
"""How many characters of one value are shown in a sentence; the whole value stays in `incidents.json` and in the events."""


def harmless(text: str) -> str:
    r"""Show control, bidirectional, zero-width and unassigned characters as a picture (`␛`) or number (`\u202e`), the rest as it is.

    Stacks of combining marks, which can bury the lines around them, are cut to three.
    """
    return _SUSPECT.sub(_visible, _MARKS.sub(lambda stack: stack.group()[:3], text))


def numbered(document: str) -> str:
    r"""Write a JSON document so that it hides nothing on a terminal: what `harmless` shows stands there as `\u202e`, the same value."""
    return _SUSPECT.sub(lambda match: _number(match.group()) if _is_hiding(match.group()) else match.group(), document)


def shown(value: str, limit: int = LIMIT) -> str:
    """Make a value harmless and cut it in the middle, saying how much is left out, if it is longer than `limit` characters."""
    if len(value) <= limit:
        return harmless(value)
    head, tail = limit * 3 // 4, limit // 4
    return f"{harmless(value[:head])} … (+{len(value) - head - tail}) … {harmless(value[-tail:])}"


def _visible(match: re.Match[str]) -> str:
    character = match.group()
    number = ord(character)
    if number < 0x20:
        return chr(0x2400 + number)
    if number == 0x7F:
        return "␡"
    if _is_hiding(character):
        return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"
    return character


def _is_hiding(character: str) -> bool:
    return unicodedata.category(character) in _HIDING or (character.isspace() and character != "\u3000")


def _number(character: str) -> str:
    """Give a character as JSON numbers it; the lines of the document itself stay lines."""
    if character == "\n":
        return character
    digits = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{digits[at : at + 4]}" for at in range(0, len(digits), 4))

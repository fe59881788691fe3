"""What messages have in common, as patterns: how they begin, and templates of what follows. Owns clustering and writing the patterns.

Messages are clustered as Drain does it: by length and first word, then by how many of their tokens agree. Every literal of a pattern is
escaped; nothing else of a log gets into one.
Source: He, Zhu, Zheng, Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", 2017.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from watchkeeper.ingest.suggest.meanings import meaning
from watchkeeper.ingest.suggest.tokens import Token

ALIKE = 0.6
"""Messages of one cluster agree in so many of their tokens."""
MOST_CLUSTERS = 400
MOST_IN_PATTERN = 64
"""Tokens that a pattern is made of at most."""
_NEARLY_ALL = 0.97
_MOST_EXAMPLES = 40
_LEVELS = frozenset(
    [
        "trace",
        "debug",
        "info",
        "information",
        "notice",
        "warn",
        "warning",
        "error",
        "err",
        "fatal",
        "critical",
        "crit",
        "severe",
        "emergency",
        "alert",
        "panic",
        "inf",
        "wrn",
        "dbg",
    ]
)
_WORDS = frozenset({"word", "name"})
_USERS = frozenset(["user", "username", "login", "account", "name", "uid"])
_FRACTION = r"(?:[.,]\d+)?"
_SPECIAL = re.compile(r"[\\.^$|?*+(){}\[\]]")
_ADDRESS = "[0-9A-Fa-f.:]+"
_SHAPES: Mapping[str, str] = {
    "address": _ADDRESS,
    "number": r"-?\d+(?:\.\d+)?",
    "url": r"[^\s\"'<>|]+",
    "email": r"[^\s\"'<>|]+",
    "mac": "[0-9A-Fa-f:-]+",
    "uuid": "[0-9A-Fa-f-]+",
    "path": r"[^\s\"]+",
    "name": r'[^\s"=,;|()\[\]]+',
    "word": r'[^\s"=,;|()\[\]]+',
}
REQUEST_NAMES: Mapping[str, str] = {"cs_method": "cs-method", "c_uri": "c-uri"}


def escaped(text: str) -> str:
    """Give the pattern that matches this text and nothing else; white space matches any."""
    return re.sub(r"\s+", r"\\s+", _SPECIAL.sub(lambda found: f"\\{found[0]}", text))


@dataclass(slots=True)
class Place:
    """One position of a template."""

    kind: str
    text: str
    """Its text while it is the same in every message."""
    same: bool
    seen: list[str] = field(default_factory=list[str])

    def take(self, token: Token) -> None:
        """Take in what another message has there."""
        if token.text != self.text:
            self.same = False
        if token.kind not in {self.kind, "none"}:
            self.kind = token.kind if self.kind == "none" else "name" if {self.kind, token.kind} <= _WORDS else "any"
        if len(self.seen) < _MOST_EXAMPLES:
            self.seen.append(token.text)

    @property
    def literal(self) -> bool:
        """Whether it is always written so."""
        return self.same and self.kind in {"word", "sign", "space", "none"}


@dataclass(slots=True)
class Cluster:
    """Messages that were written by the same statement."""

    places: list[Place]
    count: int = 1

    def alike(self, tokens: Sequence[Token]) -> float:
        """Say how many of the tokens agree."""
        found = (
            place.kind == token.kind and (not token.constant or place.text == token.text)
            for place, token in zip(self.places, tokens, strict=True)
        )
        return sum(found) / len(self.places)

    def take(self, tokens: Sequence[Token]) -> None:
        """Take in a message."""
        self.count += 1
        for place, token in zip(self.places, tokens, strict=True):
            place.take(token)


def clusters(messages: Sequence[Sequence[Token]]) -> list[Cluster]:
    """Cluster messages, the largest first; those that come when there are too many clusters are left out."""
    leaves: dict[tuple[int, str], list[Cluster]] = {}
    count = 0
    for message in messages:
        cut = message[:MOST_IN_PATTERN]
        if not cut:
            continue
        first = cut[0].text if cut[0].kind == "word" and not re.search(r"\d", cut[0].text) else cut[0].kind
        leaf = leaves.setdefault((len(cut), first), [])
        best = max(leaf, key=lambda one: one.alike(cut), default=None)
        if best is not None and best.alike(cut) >= ALIKE:
            best.take(cut)
        elif count < MOST_CLUSTERS:
            leaf.append(Cluster([_place(token) for token in cut]))
            count += 1
    return sorted((one for leaf in leaves.values() for one in leaf), key=lambda one: -one.count)


def beginning(messages: Sequence[Sequence[Token]]) -> list[Place]:
    """Give the positions that nearly all messages begin with."""
    found: list[Place] = []
    for at in range(MOST_IN_PATTERN):
        column = [message[at] for message in messages if len(message) > at]
        place = _common(column, len(messages), found)
        if place is None:
            break
        found.append(place)
    return _without_prose(found)


def _without_prose(places: list[Place]) -> list[Place]:
    """Cut where two plain words follow each other, unless nothing but words stands before: what is written there differs by message."""
    end = len(places)
    for at in range(len(places) - 2):
        plain = places[at].literal and places[at + 2].literal and places[at].kind == places[at + 2].kind == "word"
        if plain and places[at + 1].kind == "space" and any(place.kind not in {"word", "space", "sign"} for place in places[:at]):
            end = at
            break
    kept = places[:end]
    while kept and kept[-1].kind == "space":
        kept.pop()
    return kept


def _common(column: Sequence[Token], count: int, before: Sequence[Place]) -> Place | None:
    if len(column) < _NEARLY_ALL * count or not column:
        return None
    kinds = Counter(token.kind for token in column)
    kind, most = kinds.most_common(1)[0]
    texts = Counter(token.text for token in column)
    text, same = texts.most_common(1)[0]
    place = Place(kind, text, same >= _NEARLY_ALL * count, [token.text for token in column[:_MOST_EXAMPLES]])
    if "none" in kinds and len(kinds) > 1 and not kinds.keys() & {"space", "sign"}:
        place.kind, place.same = next((other for other, _ in kinds.most_common() if other != "none" and len(kinds) == 2), "any"), False
        return place
    if most < _NEARLY_ALL * count:
        return None
    if kind in {"sign", "space"}:
        return place if place.same or kind == "space" else None
    enclosed = bool(before) and before[-1].kind == "sign" and before[-1].text in '["(=|<{'
    return place if kind not in _WORDS or place.literal or enclosed or _levels(texts) or _dotted(texts) else None


def _levels(texts: Counter[str]) -> bool:
    return sum(count for text, count in texts.items() if text.lower() in _LEVELS) >= _NEARLY_ALL * texts.total()


def _dotted(texts: Counter[str]) -> bool:
    return sum(count for text, count in texts.items() if "." in text) >= _NEARLY_ALL * texts.total()


def _place(token: Token) -> Place:
    return Place(token.kind, token.text, same=True, seen=[token.text])


class Written(NamedTuple):
    """A pattern and what is known of its groups."""

    pattern: str
    names: dict[str, str]
    """Field by group, where they differ."""
    times: tuple[str, ...]
    """Texts that were seen where the time stands; none if there is none."""
    literal: int
    """Letters that are always there."""


def written(places: Sequence[Place], taken: AbstractSet[str], *, rest: str = "", timed: bool = True) -> Written:
    """Write a pattern that begins with `^`; `taken` are names of groups that are not to be used again, `rest` the group of what follows."""
    used, names = set(taken), dict[str, str]()
    times: tuple[str, ...] = ()
    parts: list[str] = ["^"]
    for at, place in enumerate(places):
        if place.kind == "time" and timed and not times:
            times = tuple(place.seen)
            parts.append(f"(?P<_time>{_clock(place.seen)})")
        else:
            parts.append(_part(places, at, used, names))
    if rest:
        parts.append(rf"\s*(?P<{rest}>.*)")
    letters = sum(len(place.text) for at, place in enumerate(places) if place.literal and place.kind == "word" and not _varies(places, at))
    return Written("".join(parts), names, times, letters)


def _part(places: Sequence[Place], at: int, used: set[str], names: dict[str, str]) -> str:
    place = places[at]
    if place.kind == "space":
        return r"\s+"
    if place.literal and not _varies(places, at):
        return escaped(place.text)
    if place.kind == "request":
        if used & REQUEST_NAMES.keys():
            return '"[^"]*"'
        used.update(REQUEST_NAMES)
        names.update(REQUEST_NAMES)
        return r'"(?P<cs_method>[A-Z]+) (?P<c_uri>\S+)(?: HTTP/[\d.]+)?"'
    before, shape, after = _around(place)
    name = _name(places, at, used, names)
    return f"{before}(?P<{name}>{shape}){after}" if name else f"{before}{shape}{after}"


def _varies(places: Sequence[Place], at: int) -> bool:
    """Say whether a word is a value, though it was always the same: a level, or what stands in quotes or behind a user's title."""
    place, before = places[at], [one for one in places[max(0, at - 2) : at] if one.kind != "space"]
    if place.kind != "word":
        return False
    after_user = bool(before) and before[-1].kind == "word" and before[-1].text.lower() in _USERS
    quoted = at > 0 and at + 1 < len(places) and places[at - 1].text in {"'", "`", '"'} and places[at + 1].text == places[at - 1].text
    return place.text.lower() in _LEVELS or quoted or after_user


def _around(place: Place) -> tuple[str, str, str]:
    """Give the pattern of a value, and what stands around it."""
    if place.kind == "quoted":
        return '"', r'(?:[^"\\]|\\.)*', '"'
    if place.kind == "bracketed":
        return r"\[", r"[^\[\]]*", r"\]"
    if place.kind == "time":
        return "", _clock(place.seen), ""
    shape = _SHAPES.get(place.kind, r"\S+?" if place.kind != "sign" else ".")
    return "", f"(?:{shape}|-)" if "-" in place.seen and place.kind != "any" else shape, ""


def _clock(seen: Sequence[str]) -> str:
    """Give the pattern of times: digits and letters by their number, what stands between them as it is."""
    found = Counter(re.sub(r"[A-Za-z]+", "A", re.sub(r"\d+", "0", text)) for text in seen)
    shapes = dict.fromkeys(_any_fraction(escaped(text).replace("0", r"\d+").replace("A", "[A-Za-z]+")) for text, _ in found.most_common(3))
    return next(iter(shapes)) if len(shapes) == 1 else f"(?:{'|'.join(sorted(shapes, key=len, reverse=True))})"


def _any_fraction(pattern: str) -> str:
    """Let seconds have a fraction or none."""
    return re.sub(r"(:\\d\+:\\d\+)(?:(?:\\\.|,)\\d\+)?(?!:)", lambda clock: clock[1] + _FRACTION, pattern, count=1)


def _name(places: Sequence[Place], at: int, used: set[str], names: dict[str, str]) -> str:
    """Name a group by the word before it and by its values; no name where neither says anything."""
    place = places[at]
    values = [text.strip('"[]') for text in place.seen if text != "-"]
    key, hint = _key(places, at), _hint(places, at)
    found = meaning(key or hint, values)
    name = found.name if place.kind != "sign" else ""
    if place.kind == "number" and not name and _after_address(places, at):
        name = "dst_port" if "dst_ip" in used else "src_port"
    if place.kind in _WORDS and values and _levels(Counter(values)):
        name = "level"
    if place.kind in _WORDS and not name and _after_user(places, at):
        name = "user"
    name = name or group_name(key)
    if name == "src_ip" and "src_ip" in used and "dst_ip" not in used:
        name = "dst_ip"
    return _unused(name, used, names) if name else ""


def _unused(name: str, used: set[str], names: dict[str, str]) -> str:
    group = group_name(name)
    number = 2
    while group in used:
        group = f"{group_name(name)}_{number}"
        number += 1
    used.add(group)
    if group == group_name(name) and group != name:
        names[group] = name
    return group


def group_name(written: str) -> str:
    """Give a name that a group may have, made of another."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", written).strip("_")[:40]
    return "" if not name else name if name[0].isalpha() and name != "message" else f"field_{name}"


def _key(places: Sequence[Place], at: int) -> str:
    """Give the word that a value is written behind with an equals sign or a colon."""
    back = [place for place in places[max(0, at - 3) : at] if place.kind != "space"]
    if len(back) >= 2 and back[-1].literal and back[-1].text in {"=", ":"} and back[-2].literal and back[-2].kind == "word":
        return back[-2].text
    return ""


def _hint(places: Sequence[Place], at: int) -> str:
    """Give the last words before a value."""
    words = [place.text for place in places[max(0, at - 5) : at] if place.literal and place.kind == "word"]
    return words[-1] if words else ""


def _after_user(places: Sequence[Place], at: int) -> bool:
    before = [place.text.lower() for place in places[max(0, at - 4) : at] if place.kind == "word"]
    return bool(before) and before[-1] in _USERS


def _after_address(places: Sequence[Place], at: int) -> bool:
    back = places[max(0, at - 2) : at]
    return len(back) == 2 and back[0].kind == "address" and back[1].text == ":"

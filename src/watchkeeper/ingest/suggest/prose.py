"""Lines of words: how they begin, and templates of what follows. Owns choosing what they are recognised by."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from watchkeeper.ingest.suggest.parts import Fields, Parts, column, names_of
from watchkeeper.ingest.suggest.templates import Place, Written, beginning, clusters, escaped, written
from watchkeeper.ingest.suggest.times import time_format
from watchkeeper.ingest.suggest.tokens import Token, tokens

MOST_MESSAGES = 2_000
"""Messages that templates are made of."""
MOST_PATTERNS = 24
MOST_INSIDE = 400
"""Values of a field that are looked into."""
MOST_STEPS = 8
_MOST_KINDS = 6
_LEAST_SHARE = 0.02
_LEAST_LETTERS = 4
_SAME_WORD = 0.9
_MOST_FIRST = 64
_LEAST_IN_TEMPLATE = 3
_APART = r"(?:^|[^\w.:])"
_ADDRESS = r"(?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f]{1,4}(?::[0-9A-Fa-f]{0,4}){2,7}"
_GROUP = re.compile(r"\(\?P<\w+>")
_NAMED = re.compile(r"\(\?P<(\w+)>")


class _Kind(NamedTuple):
    """Messages that begin alike."""

    whole: Written
    """All that they begin with, by which they are recognised."""
    head: Written
    """That without its last words, which belong to the templates of what follows."""
    places: list[Place]
    rest: list[list[Token]]
    """What follows; empty where nothing does."""


def prose_in(messages: Sequence[str], program: str) -> Parts | None:
    """Propose patterns; none if the messages have nothing in common."""
    cut = [found for text in messages[:MOST_MESSAGES] if (found := tokens(text))]
    kinds = list(_kinds(cut, timed=not program))
    known = [kind for kind in kinds if program or _tells(kind)]
    found = _templates(known or [_Kind(written([], set()), written([], set()), [], cut)], headed=bool(known), timed=not program)
    templates: list[dict[str, object]] = [{"match": one.pattern} for one in found]
    templates += _anywhere(known, cut, headed="_ip>" in "".join(kind.head.pattern for kind in known))
    names = {group: name for one in found for group, name in one.names.items()}
    steps: list[dict[str, object]] = []
    if known and any(kind.places for kind in known):
        steps.append({"patterns": [{"match": kind.head.pattern} for kind in known]})
    if templates:
        steps.append({"of": "_rest", "patterns": templates} if steps else {"patterns": templates})
    recognise = _ways(known, templates, messages, program)
    if not recognise:
        return None
    for kind in known:
        names |= kind.head.names
    seen = [one.times for one in (*(kind.head for kind in known), *found)]
    times = list(dict.fromkeys(written_so for texts in seen if (written_so := time_format(texts))))
    empty = (
        ["-"] if any(not place.literal and place.kind != "sign" and "-" in place.seen for kind in known for place in kind.places) else []
    )
    general = not program and all(kind.whole.literal < _LEAST_LETTERS for kind in known) and bool(known)
    return Parts(recognise, steps, names, [{"text": "{_time}", "format": one} for one in times], [], empty, general)


def _kinds(cut: Sequence[list[Token]], *, timed: bool) -> Iterator[_Kind]:
    """Part messages by how they begin, the most frequent first."""
    groups: dict[tuple[str, ...], list[list[Token]]] = {}
    for message in cut:
        groups.setdefault(_begins(message), []).append(message)
    for group in sorted(groups.values(), key=lambda one: -len(one))[:_MOST_KINDS]:
        if len(group) < max(2, _LEAST_SHARE * len(cut)) and len(cut) > 1:
            continue
        whole = beginning(group)
        more = any(any(token.kind != "space" for token in message[len(whole) :]) for message in group)
        places = _without_words(whole) if more else whole
        rest = [message[len(places) :] for message in group] if more else []
        head = written(places, set(), rest="_rest" if more else "", timed=timed)
        yield _Kind(written(whole, set(), timed=timed), head, places, rest)


def _without_words(places: Sequence[Place]) -> list[Place]:
    """Leave the last words to what follows: they say what the values there are."""
    kept = list(places)
    while kept and (kept[-1].kind == "space" or (kept[-1].literal and kept[-1].kind in {"word", "none"})):
        kept.pop()
    return kept


def _begins(message: Sequence[Token]) -> tuple[str, ...]:
    first = [token for token in message[:6] if token.kind != "space"][:2]
    return tuple(token.text if token.kind == "sign" else token.kind for token in first)


def _tells(kind: _Kind) -> bool:
    """Say whether messages can be recognised by how they begin."""
    typed = {place.kind for place in kind.places}
    return bool(typed & {"time", "address", "request", "uuid", "mac"}) or kind.whole.literal >= _LEAST_LETTERS


def _templates(kinds: Sequence[_Kind], *, headed: bool, timed: bool) -> list[Written]:
    """Give the patterns of the largest clusters, the longest first, so that no shorter one takes what a longer one tells better."""
    used = {name for kind in kinds for name in _NAMED.findall(kind.head.pattern)} - {"_rest"} if headed else set[str]()
    found = _patterns([_stripped(message) for kind in kinds for message in kind.rest], used, timed=timed and not headed)
    return [one for one in found if one.literal >= _LEAST_IN_TEMPLATE]


def _patterns(messages: Sequence[list[Token]], used: AbstractSet[str], *, timed: bool) -> list[Written]:
    least = max(1 if len(messages) < 20 else 2, int(_LEAST_SHARE / 4 * len(messages)))
    found: dict[str, Written] = {}
    for cluster in clusters([message for message in messages if message]):
        one = written(cluster.places, used, timed=timed)
        if cluster.count >= least and "(?P<" in one.pattern and len(found) < MOST_PATTERNS:
            found.setdefault(one.pattern, one)
    return sorted(found.values(), key=lambda one: -len(one.pattern))


def _anywhere(known: Sequence[_Kind], cut: Sequence[list[Token]], *, headed: bool) -> list[dict[str, object]]:
    """Give the pattern for messages that no template takes: the first address, and the next, if some have any behind their beginning."""
    rest = [message for kind in known for message in kind.rest] if known else cut
    if headed or not any(token.kind == "address" for message in rest for token in message):
        return []
    return [{"match": rf"{_APART}(?P<src_ip>{_ADDRESS})(?:.*?{_APART}(?P<dst_ip>{_ADDRESS}))?"}]


def inside(rows: Sequence[Fields], taken: AbstractSet[str]) -> tuple[list[dict[str, object]], dict[str, str]]:
    """Propose steps for fields that hold an address among other things, and the names of their groups."""
    steps: list[dict[str, object]] = []
    names: dict[str, str] = {}
    used = set(taken)
    for name in names_of(rows):
        cut = [tokens(value) for value in column(rows, name)[:MOST_INSIDE]]
        if not any(len(message) > 1 and any(token.kind == "address" for token in message) for message in cut):
            continue
        found = [one for one in _patterns(cut, used, timed=False) if "_ip" in one.pattern]
        if found and len(steps) < MOST_STEPS:
            steps.append({"of": name, "patterns": [{"match": one.pattern} for one in found]})
            names |= {group: field for one in found for group, field in one.names.items()}
            used.update(group for one in found for group in _NAMED.findall(one.pattern))
    return steps, names


def _stripped(message: list[Token]) -> list[Token]:
    start = next((at for at, token in enumerate(message) if token.kind != "space"), len(message))
    return message[start:]


def _first_word(messages: Sequence[str]) -> str:
    """Give the pattern of the first word, with any number for a number, if nearly all messages have it and it has letters."""
    words = Counter(re.sub(r"\d+", "0", text.split(None, 1)[0][:_MOST_FIRST]) for text in messages if text.strip())
    word, count = words.most_common(1)[0]
    letters = sum(character.isalpha() for character in word)
    pattern = escaped(word).replace("0", r"\d+")
    return f"^{pattern}" if count >= _SAME_WORD * words.total() and letters >= _LEAST_IN_TEMPLATE else ""


def _ways(known: Sequence[_Kind], templates: Sequence[dict[str, object]], messages: Sequence[str], program: str) -> list[dict[str, object]]:
    if program:
        return [{"programs": [program]}]
    first = "" if known else _first_word(messages)
    patterns = [kind.whole.pattern for kind in known] or ([first] if first else [str(one["match"]) for one in templates])
    return [{"message": _GROUP.sub("(?:", pattern)} for pattern in Counter(patterns) if pattern.startswith("^")]

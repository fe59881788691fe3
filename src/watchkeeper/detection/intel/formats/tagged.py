"""What tags and markings say: TLP, ATT&CK techniques, and names of threats. Owns the notations; where tags stand is each format's."""

import re
from collections.abc import Iterable
from typing import NamedTuple, cast, get_args

from watchkeeper.model.indicator import Tlp

_TLPS = frozenset(get_args(Tlp)) - {""}
_OLD = {"white": "clear", "amber-strict": "amber+strict", "amber_strict": "amber+strict", "amber strict": "amber+strict"}
_TECHNIQUE = re.compile(r"\bT\d{4}(?:\.\d{3})?\b")
_GALAXY = re.compile(r'\A[a-z0-9-]+:([a-z0-9-]+)="(.*)"\Z')
_STRICTEST = ("", "clear", "green", "amber", "amber+strict", "red")
MOST_LABELS = 16
_MOST_CHARACTERS = 200


class Tagged(NamedTuple):
    """What several tags say together."""

    tlp: Tlp
    labels: tuple[str, ...]
    techniques: tuple[str, ...]


def tlp_of(text: str) -> Tlp:
    """Give the TLP level a text names (`TLP:AMBER`, `white`), empty if none."""
    name = text.strip().lower().removeprefix("tlp").lstrip(":= ").strip()
    name = _OLD.get(name, name)
    return cast("Tlp", name) if name in _TLPS else ""


def strictest(levels: Iterable[Tlp]) -> Tlp:
    """Give the strictest of several levels."""
    return cast("Tlp", max(levels, key=_STRICTEST.index, default=""))


def is_within(level: Tlp, most: Tlp) -> bool:
    """Say whether a level is no stricter than another; one that nobody gave is none."""
    return _STRICTEST.index(level) <= _STRICTEST.index(most)


def techniques_in(text: str) -> list[str]:
    """Give the ATT&CK technique ids in a text."""
    return _TECHNIQUE.findall(text)


def tagged(tags: Iterable[str]) -> Tagged:
    """Read tags; what is neither TLP nor a technique is a label, of a machine tag (`galaxy:malware="X"`) its value."""
    levels: list[Tlp] = []
    labels: dict[str, None] = {}
    techniques: dict[str, None] = {}
    for tag in tags:
        level = tlp_of(tag) if tag[:3].lower() == "tlp" else ""
        found = _GALAXY.match(tag)
        if level:
            levels.append(level)
        elif "attack-pattern" in tag or _TECHNIQUE.fullmatch(tag.strip()):
            techniques.update(dict.fromkeys(techniques_in(tag)))
        elif tag.strip():
            labels[(found.group(2) if found else tag).strip()[:_MOST_CHARACTERS]] = None
    return Tagged(strictest(levels), tuple(labels)[:MOST_LABELS], tuple(techniques))

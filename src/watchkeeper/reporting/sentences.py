"""Sentences: notes and claims said in a reader's language. Owns filling templates; escaping is each format's."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from watchkeeper.attack import TACTICS, tactic, tactic_name, technique
from watchkeeper.model.claim import Claim
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.lexicon import PLACE, lexicon
from watchkeeper.reporting.times import moment

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Piece(NamedTuple):
    """Part of a sentence."""

    text: str
    """What is shown, harmless but not escaped."""
    value: bool
    """Whether it comes from an argument, and so perhaps from a log, and not from our template."""


def say(note: Note | Claim, lang: Language) -> str:
    """Say a note or a claim as plain text; values are made harmless and cut, but not escaped for any format.

    A code without a template is said as the code and its arguments in brackets, so that nothing is lost.
    """
    return "".join(piece.text for piece in pieces(note, lang))


def pieces(note: Note | Claim, lang: Language) -> tuple[Piece, ...]:
    """Say a note or a claim in parts, so that a format can set values apart from words."""
    code = f"claim.{note.predicate}" if isinstance(note, Claim) else note.code
    template = lexicon(lang).get(code)
    if template is None:
        return (Piece(f"[{shown(code)}{''.join(f' {key}={shown(value)}' for key, value in note.arguments.items())}]", value=True),)
    return tuple(_filled(template, note.arguments, lang))


def word(code: str, lang: Language) -> str:
    """Give the word for a code of a closed set, such as `level.high`; the last part of the code if the lexicon has none."""
    return lexicon(lang).get(code) or shown(code.rpartition(".")[2])


def _filled(template: str, arguments: Mapping[str, str], lang: Language) -> list[Piece]:
    parts: list[Piece] = []
    end = 0
    for match in PLACE.finditer(template):
        parts.append(Piece(template[end : match.start()], value=False))
        name = match.group(1)
        reason = lexicon(lang).get(arguments.get(name, "")) if name == "because" else None
        if reason is not None:  # a sentence within the sentence: its code stands in this place, and it has the same arguments
            parts.extend(_filled(reason.replace("{because}", ""), arguments, lang))
            end = match.end()
            continue
        parts.append(Piece(_argument(name, arguments[name], lang) if name in arguments else f"[{name}?]", value=True))
        end = match.end()
    parts.append(Piece(template[end:], value=False))
    return [part for part in parts if part.text]


def _argument(name: str, value: str, lang: Language) -> str:
    """Say closed words in the reader's language: places of these names hold short names or ids. ISO times are shown as all others."""
    match name:
        case "tactic":
            return shown(tactic_name(value, lang))
        case "technique":
            known = technique(value)
            return f"{known.id} {known.name}" if known else shown(value)
        case "level" | "kind" | "outcome" | "hypothesis" | "step":
            return word(f"{name}.{value}", lang)
        case "tactics" | "values":
            return ", ".join(_listed(item, lang) for item in value.split(", "))
        case _:
            return moment(datetime.fromisoformat(value)) if _TIME.fullmatch(value) else shown(value)


def _listed(item: str, lang: Language) -> str:
    name, gap, rest = item.partition(" (+")
    return tactic_name(name, lang) + gap + rest if tactic(name) in TACTICS and name.islower() else shown(item)

"""How actions are said on a terminal. Owns the lines; the words are the lexicon's, and every value is made harmless."""

from collections.abc import Sequence

import typer

from watchkeeper.model.acted import ActionLine
from watchkeeper.model.action_seen import ActionStands
from watchkeeper.model.entity import Entity
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.proposal import ActionRecord
from watchkeeper.reporting.harmless import harmless, shown
from watchkeeper.reporting.sentences import say, word

FEW = 5
_MOST_TARGET = 120


def line(code: str, lang: Language, **said: object) -> str:
    """Say a sentence of the lexicon on one line."""
    return harmless(say(Note(code=code, arguments={name: str(value) for name, value in said.items()}), lang))


def tell(code: str, lang: Language, **said: object) -> None:
    """Write a sentence of the lexicon."""
    typer.echo(line(code, lang, **said))


def what(action: str, lang: Language) -> str:
    """Name an action; one that the catalogue has not by what it was called."""
    return shown(word(f"action.{action}", lang))


def targets(found: Sequence[Entity], count: int, lang: Language) -> str:
    """Name the first targets, and how many more there are."""
    named = ", ".join(shown(one.value, _MOST_TARGET) for one in found[:FEW])
    more = count - min(len(found), FEW)
    return line("act.target", lang, targets=named, more=f"{more:,}") if more else named


def state(one: ActionLine | ActionRecord, lang: Language) -> str:
    """Say how an action stands."""
    return word(f"did.state.{one.state}", lang)


def standing(found: ActionRecord | ActionStands) -> ActionStands:
    """Give how an action stands, as a desk here or at a server says it."""
    return found if isinstance(found, ActionStands) else ActionStands.of(found)


def became(found: ActionStands, lang: Language) -> None:
    """Write what an action has become."""
    proposal = found.record.proposal
    named = targets(proposal.targets, found.count, lang)
    tell("act.became", lang, id=found.id[:12], what=what(proposal.action, lang), targets=named, state=state(found.record, lang))

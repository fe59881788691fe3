"""`watchkeeper actions approve`, `deny`, `undo`, `check` and `propose`. Owns what is read from the words, and what is said of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, get_args

import typer
from pydantic import ValidationError

from watchkeeper.autopilot.verified_lists import REASONS
from watchkeeper.cli.acting_desks import Desks, desks_at
from watchkeeper.cli.actions_said import became, standing, tell
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.where import Where
from watchkeeper.model.action_seen import ActionAsked, ActionStands
from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.language import Language
from watchkeeper.settings import read_settings

_KINDS: tuple[str, ...] = get_args(EntityKind)
Reason = tuple[str, str | None]
"""Why, and who."""
Given = tuple[Path | None, str | None]
"""The file of assets, and the language."""


class Named(NamedTuple):
    """An action as a person names it."""

    action: str
    targets: tuple[Sequence[str], str]
    """Targets as they are written, or the name of a list."""
    arguments: Sequence[str]
    incident: str
    radius: int | None
    hours: float | None
    wave: int


def answered(start: str, reason: Reason, given: Given, where: Where, *, digest: str, agrees: bool) -> None:
    """Take the word of a responder; anybody may say no."""
    assets, lang = given[0], _language(given[1])
    with desks_at(where, assets) as desks:
        who = desks.who(*reason, "responder" if agrees else None)
        _say(desks, standing(desks.actions.answer(start, who, "cli", agrees=agrees, digest=digest)), lang)


def undone(start: str, reason: Reason, given: Given, where: Where) -> None:
    """Take an action back; exit code 1 if its place did not."""
    lang = _language(given[1])
    with desks_at(where, given[0]) as desks:
        found = standing(desks.actions.undo(start, desks.who(*reason)))
    became(found, lang)
    if found.record.state in {"undone", "expired"}:
        return
    tell("act.again", lang, said=found.record.said)
    raise typer.Exit(1)


def checked(start: str, given: Given, where: Where) -> None:
    """Look whether an action has its effect; exit code 1 if it has not."""
    lang = _language(given[1])
    with desks_at(where, given[0]) as desks:
        found = standing(desks.actions.check(start))
    became(found, lang)
    tell("act.said", lang, said=found.record.said)
    if found.record.state != "verified":
        raise typer.Exit(1)


def proposed(named: Named, reason: Reason, given: Given, where: Where) -> None:
    """Ask for an action; exit code 1 if it is refused or failed."""
    lang = _language(given[1])
    with plain_errors():
        asked = _asked(named)
    with desks_at(where, given[0]) as desks:
        who = desks.who(*reason, "responder")
        if on_list := desks.actions.on_list(asked):
            said = {why: on_list.left_out.get(why, 0) for why in REASONS}
            tell("act.listed", lang, list=asked.verified_list, count=len(on_list.targets), **said)
        _say(desks, standing(desks.actions.propose(asked, who)), lang)


def _say(desks: Desks, found: ActionStands, lang: Language) -> None:
    record = found.record
    became(found, lang)
    if record.state == "waiting" and record.deadline:
        agreed = {one.by for one in desks.actions.action(found.id).approvals if one.agrees and one.digest == found.digest}
        tell("act.waits", lang, answered=len(agreed), needed=record.ruling.approvals, time=record.deadline.isoformat())
    if record.state == "ready":
        tell("act.flow", lang)
    if record.state == "refused":
        for note in record.ruling.why:
            tell(note.code, lang, **note.arguments)
    if record.said and record.state not in {"waiting", "ready", "denied"}:
        tell("act.said", lang, said=record.said)
    if record.state in {"refused", "failed", "lapsed"}:
        raise typer.Exit(1)


def _asked(named: Named) -> ActionAsked:
    arguments = dict(_pair(one, "=", "--argument {one!r} is none; write NAME=VALUE") for one in named.arguments)
    try:
        return ActionAsked(
            action=named.action,
            targets=tuple(map(_target, named.targets[0])),
            verified_list=named.targets[1],
            arguments=arguments,
            incident=named.incident,
            blast_radius=named.radius,
            expiry_seconds=None if named.hours is None else round(named.hours * 3_600),
            wave=named.wave,
        )
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _target(text: str) -> Entity:
    kind, value = _pair(text, ":", f"{{one!r}} is no target; write KIND:VALUE, with one of {', '.join(_KINDS)}")
    if kind not in _KINDS:
        raise ValueError(f"{kind[:40]!r} is no kind of target; there are {', '.join(_KINDS)}")
    return Entity.model_validate({"kind": kind, "value": value})


def _pair(text: str, sign: str, wrong: str) -> tuple[str, str]:
    name, found, value = text.partition(sign)
    if not (name and found and value):
        raise ValueError(wrong.format(one=text[:80]))
    return name, value


def _language(lang: str | None) -> Language:
    with plain_errors():
        return read_settings(language=lang).language

"""`watchkeeper actions`. Owns the table of what is in force, what waits, and all."""

import sys
from collections.abc import Iterator

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.acting_desks import Desks, desks_at
from watchkeeper.cli.actions_said import line, state, targets, what
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.where import Where
from watchkeeper.model.acted import ActionLine
from watchkeeper.model.action_seen import ActionShow
from watchkeeper.model.language import Language
from watchkeeper.model.page import MOST
from watchkeeper.model.proposal import IN_FORCE
from watchkeeper.reporting.harmless import harmless
from watchkeeper.reporting.sentences import word
from watchkeeper.settings import read_settings


def run(show: tuple[bool, bool], narrowed: tuple[str, int], lang: str | None, where: Where, *, as_json: bool) -> None:
    """List actions, the newest first."""
    incident, most = narrowed
    with plain_errors():
        language = read_settings(language=lang).language
        wanted = _show(*show)
    with desks_at(where) as desks:
        found, is_more = _found(desks, wanted, incident, most)
    if as_json:
        for one in found:
            sys.stdout.write(one.model_dump_json(ensure_ascii=True) + "\n")
    else:
        _print(found, wanted, language)
    if is_more:
        typer.echo(line("act.more", language, count=f"{len(found):,}"), err=True)


def _show(waiting: bool, every: bool) -> ActionShow:
    if waiting and every:
        raise ValueError("--waiting and --all exclude each other")
    return "waiting" if waiting else "all" if every else "in-force"


def _found(desks: Desks, wanted: ActionShow, incident: str, most: int) -> tuple[list[ActionLine], bool]:
    found: list[ActionLine] = []
    after = ""
    while len(found) < most:
        page = desks.actions.actions(wanted, after, min(MOST, most - len(found)), incident)
        found += page.items
        if not (after := page.next):
            break
    return found, bool(after)


def _print(found: list[ActionLine], wanted: ActionShow, lang: Language) -> None:
    if not found:
        typer.echo(word(f"act.none.{wanted}", lang))
        return
    names = ("act.column.id", "did.column.action", "did.column.state", "act.column.incident", "did.column.asked", "did.column.level")
    table = Table(*(word(name, lang) for name in (*names, "did.column.place", "act.column.until")), box=None, pad_edge=False)
    for one in found:
        table.add_row(*map(harmless, _row(one, lang)))
    Console(markup=False).print(table)


def _row(one: ActionLine, lang: Language) -> Iterator[str]:
    yield one.id[:12]
    yield f"{what(one.action, lang)}: {targets(one.targets, one.count, lang)}"
    yield _state(one, lang)
    yield one.incident[:12] or "–"
    yield one.asked_by
    yield one.level
    yield one.place or "–"
    yield _until(one, lang)


def _state(one: ActionLine, lang: Language) -> str:
    if one.state != "waiting":
        return state(one, lang)
    return line("act.answers", lang, state=state(one, lang), answered=one.answered, needed=max(one.approvals, 1))


def _until(one: ActionLine, lang: Language) -> str:
    if one.state == "waiting" and one.deadline:
        return line("act.until.answer", lang, time=one.deadline.isoformat())
    if one.state not in IN_FORCE:
        return "–"
    return line("act.until.ends", lang, time=one.expires.isoformat()) if one.expires else word("act.until.undone", lang)

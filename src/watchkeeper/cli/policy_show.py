"""`watchkeeper policy show` and `levels`. Owns how the policy, its changes and the record of classes are told."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
import yaml
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.policy_desk import LevelLine
from watchkeeper.cli.acting_desks import desks_at
from watchkeeper.cli.actions_said import line, tell
from watchkeeper.cli.brake_set import brakes_said
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.where import Where
from watchkeeper.model.action_seen import PolicySeen
from watchkeeper.model.language import Language
from watchkeeper.model.policy import PolicyChange
from watchkeeper.reporting.harmless import harmless
from watchkeeper.reporting.sentences import word
from watchkeeper.settings import read_settings

_COLUMNS = ("action", "group", "level", "most", "asked", "refused", "denied", "ran", "worked", "not", "failed", "undone", "demoted", "last")


def run(lang: str | None, where: Where, *, whole: bool, as_json: bool) -> None:
    """Say which policy is in force."""
    with plain_errors():
        language = read_settings(language=lang).language
    with desks_at(where) as desks:
        seen = desks.policy.policy()
    if as_json:
        sys.stdout.write(seen.model_dump_json(indent=1, ensure_ascii=True) + "\n")
    elif whole:
        sys.stdout.write(yaml.safe_dump(seen.policy, sort_keys=False, width=120))
    else:
        _say(seen, language)


def levels(lang: str | None, assets: Path | None, where: Where, *, as_json: bool) -> None:
    """List classes with their record."""
    with plain_errors():
        language = read_settings(language=lang).language
    with desks_at(where, assets) as desks:
        found = desks.policy.levels()
    if as_json:
        sys.stdout.write(json.dumps([one.model_dump(mode="json") for one in found], indent=1) + "\n")
        return
    table = Table(*(word(f"act.levels.{name}", language) for name in _COLUMNS), box=None, pad_edge=False)
    for one in found:
        table.add_row(*map(harmless, _row(one, language)))
    Console(markup=False).print(table if table.row_count else word("act.levels.none", language))


def change_said(change: PolicyChange, lang: Language) -> None:
    """Say how a change stands, and what it is."""
    begins = change.begins.isoformat() if change.begins else ""
    tell(f"act.policy.{change.state}", lang, time=begins)
    level = change.level
    named = {"action": level.action, "group": level.group, "autonomy": level.level} if level else {}
    what = line("act.policy.class", lang, **named) if level else word("act.policy.whole", lang)
    tell("act.policy.change", lang, id=change.id[:12], change=what, by=_by(change), time=change.made.isoformat(), why=change.why)


def _by(change: PolicyChange) -> str:
    return f"{change.asked_by}, {change.agreed_by}" if change.agreed_by else change.asked_by


def _say(seen: PolicySeen, lang: Language) -> None:
    if seen.change:
        tell("act.policy.changed", lang, id=seen.change[:12])
    else:
        typer.echo(word("act.policy.shipped", lang))
    brakes_said(seen.brakes, lang)
    for change in seen.changes:
        change_said(change, lang)


def _row(one: LevelLine, lang: Language) -> Iterator[str]:
    record = one.record
    yield from (record.action, record.group, one.level, one.most)
    counts = (record.proposed, record.refused, record.denied, record.done, record.verified, record.ineffective, record.failed)
    yield from map(str, (*counts, record.taken_back, one.demotions))
    last = one.last
    if last is None:
        yield word("act.levels.start", lang)
        return
    yield line("act.levels.set", lang, autonomy=last.level, by=last.by, time=last.time.isoformat(), why=last.why)

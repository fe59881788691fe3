"""What `watchkeeper brake` does. Owns what is said of brakes."""

from collections.abc import Sequence

import typer

from watchkeeper.cli.acting_desks import desks_at
from watchkeeper.cli.actions_said import line, tell
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.where import Where
from watchkeeper.model.language import Language
from watchkeeper.model.policy import Brake
from watchkeeper.model.principal import EVERY_TENANT
from watchkeeper.reporting.sentences import word
from watchkeeper.settings import read_settings

Reason = tuple[str, str | None]
"""Why, and who."""


def told(lang: str | None, where: Where) -> None:
    """Say whether a brake is on."""
    language = _language(lang)
    with desks_at(where) as desks:
        brakes_said(desks.policy.brakes(), language)


def pulled(reason: Reason, lang: str | None, where: Where, *, every: bool) -> None:
    """Set the brake; anybody may."""
    language = _language(lang)
    with desks_at(where) as desks:
        _said(desks.policy.brake(desks.who(*reason), on=True, every=every), language)


def released(reason: Reason, lang: str | None, where: Where, *, every: bool) -> None:
    """Release the brake and end a dry run."""
    language = _language(lang)
    with desks_at(where) as desks:
        who = desks.who(*reason, "admin", every=every)
        _said(desks.policy.brake(who, on=False, dry_run=False, every=every), language)
        brakes_said(desks.policy.brakes(), language)


def rehearsed(reason: Reason, lang: str | None, where: Where, *, every: bool) -> None:
    """Begin a dry run; a brake that is on stays on."""
    language = _language(lang)
    with desks_at(where) as desks:
        _said(desks.policy.brake(desks.who(*reason), dry_run=True, every=every), language)


def brakes_said(brakes: Sequence[Brake], lang: Language) -> None:
    """Say which brakes hold, or that none does."""
    held = [one for one in brakes if one.on or one.dry_run]
    for one in held:
        _said(one, lang)
    if not held:
        typer.echo(word("act.brake.none", lang))


def _said(brake: Brake, lang: Language) -> None:
    scope = word("act.brake.every", lang) if brake.scope == EVERY_TENANT else line("act.brake.tenant", lang, tenant=brake.scope)
    said = {"scope": scope, "by": brake.by, "time": brake.time.isoformat(), "why": brake.why}
    if brake.on or not brake.dry_run:
        tell("act.brake.on" if brake.on else "act.brake.off", lang, **said)
    if brake.dry_run:
        tell("act.brake.dry-run", lang, **said)


def _language(lang: str | None) -> Language:
    with plain_errors():
        return read_settings(language=lang).language

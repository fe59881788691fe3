"""`watchkeeper policy promote`, `lower`, `change`, `agree` and `cancel`. Owns reading the new policy, and what is said of it."""

from pathlib import Path
from typing import Any, cast

import yaml

from watchkeeper.cli.acting_desks import desks_at
from watchkeeper.cli.actions_said import tell
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.policy_show import change_said
from watchkeeper.cli.where import Where
from watchkeeper.model.autonomy import AUTONOMIES, Autonomy
from watchkeeper.settings import read_settings

Reason = tuple[str, str | None]
"""Why, and who."""
Given = tuple[Path | None, str | None]
"""The file of assets, and the language."""
_MOST_BYTES = 1 << 20


def promoted(class_: tuple[str, str], reason: Reason, given: Given, where: Where) -> None:
    """Ask for the next level of a class."""
    with plain_errors():
        lang = read_settings(language=given[1]).language
    with desks_at(where, given[0]) as desks:
        change = desks.policy.promote(class_, None, desks.who(*reason, "admin"))
    change_said(change, lang)


def lowered(asked: tuple[str, str, str], reason: Reason, lang: str | None, where: Where) -> None:
    """Lower the level of a class; anybody may."""
    action, group, level = asked
    with plain_errors():
        language = read_settings(language=lang).language
        wanted = cast("Autonomy", one_of("level", level, AUTONOMIES))
    with desks_at(where) as desks:
        told = desks.policy.lower((action, group), wanted, desks.who(*reason))
    tell("act.policy.lowered", language, action=told.action, group=told.group, autonomy=told.level)


def changed(file: Path, reason: Reason, lang: str | None, where: Where) -> None:
    """Ask for another policy."""
    with plain_errors():
        language = read_settings(language=lang).language
        policy = _read(file)
    with desks_at(where) as desks:
        change = desks.policy.ask(policy, desks.who(*reason, "admin"))
    change_said(change, language)


def agreed(start: str, by: str | None, given: Given, where: Where) -> None:
    """Agree to a change."""
    with plain_errors():
        lang = read_settings(language=given[1]).language
    with desks_at(where, given[0]) as desks:
        change = desks.policy.agree(start, desks.who("", by, "admin"))
    change_said(change, lang)


def cancelled(start: str, reason: Reason, lang: str | None, where: Where) -> None:
    """Cancel a change; anybody may."""
    with plain_errors():
        language = read_settings(language=lang).language
    with desks_at(where) as desks:
        change = desks.policy.cancel(start, desks.who(*reason))
    change_said(change, language)


def _read(file: Path) -> dict[str, Any]:
    with file.open("rb") as opened:
        body = opened.read(_MOST_BYTES + 1)
    if len(body) > _MOST_BYTES:
        raise ValueError(f"{str(file)!r} has more than {_MOST_BYTES >> 20} MiB; a policy is a page")
    try:
        found: object = yaml.safe_load(body)
    except yaml.YAMLError as error:
        raise ValueError(f"{str(file)!r} is no YAML: {error}") from error
    if not isinstance(found, dict):
        raise ValueError(f"{str(file)!r} is no policy; change what `watchkeeper policy show --whole` writes")  # noqa: TRY004 -- the file's content is wrong, not a type in our code
    return cast("dict[str, Any]", found)

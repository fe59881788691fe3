"""`watchkeeper policy`. Owns names and options of its commands; what each does stands in `policy_show` and `policy_edit`."""

from pathlib import Path
from typing import Annotated

import typer

from watchkeeper.cli.where import Where, placed

policy_app = typer.Typer(
    help="What may be done without a person: the policy, the levels of actions, and changing them.", no_args_is_help=True
)

Change = Annotated[str, typer.Argument(help="Id of a change, or its first characters.")]
Action = Annotated[str, typer.Argument(help="Name of an action in the catalogue.")]
Group = Annotated[str, typer.Argument(help="Group of assets, as the policy names it.")]
Why = Annotated[str, typer.Option(help="Your reason, in your words.")]
By = Annotated[str | None, typer.Option(help="Your login; default: your user name.")]
Lang = Annotated[str | None, typer.Option(help="Language: en or zh.")]
Json = Annotated[bool, typer.Option("--json", help="Write it as JSON.")]
Assets = Annotated[Path | None, typer.Option(help="assets.yml, as `watchkeeper serve` has it: groups are found by it.")]


@policy_app.command("show")
@placed
def policy_show(
    whole: Annotated[bool, typer.Option("--whole", help="Write the policy in force as YAML, to change it.")] = False,
    as_json: Json = False,
    lang: Lang = None,
    *,
    where: Where,
) -> None:
    """Say which policy is in force, which changes were asked for, and whether a brake is on."""
    from watchkeeper.cli.policy_show import run

    run(lang, where, whole=whole, as_json=as_json)


@policy_app.command("levels")
@placed
def policy_levels(as_json: Json = False, assets: Assets = None, lang: Lang = None, *, where: Where) -> None:
    """List classes of actions: the level of each, and how it did so far."""
    from watchkeeper.cli.policy_show import levels

    levels(lang, assets, where, as_json=as_json)


@policy_app.command("promote")
@placed
def policy_promote(
    action: Action, group: Group, why: Why, by: By = None, assets: Assets = None, lang: Lang = None, *, where: Where
) -> None:
    """Ask, as an admin, for the next level of a class; its measured record is kept with it. Above L2 a second admin agrees."""
    from watchkeeper.cli.policy_edit import promoted

    promoted((action, group), (why, by), (assets, lang), where)


@policy_app.command("lower")
@placed
def policy_lower(
    action: Annotated[str, typer.Argument(help="Name of an action in the catalogue, or * for every one.")],
    group: Annotated[str, typer.Argument(help="Group of assets, or * for every one.")],
    level: Annotated[str, typer.Argument(help="L0 to L4.")],
    why: Why,
    by: By = None,
    lang: Lang = None,
    *,
    where: Where,
) -> None:
    """Lower the level of a class, at once and alone."""
    from watchkeeper.cli.policy_edit import lowered

    lowered((action, group, level), (why, by), lang, where)


@policy_app.command("change")
@placed
def policy_change(
    file: Annotated[Path, typer.Argument(help="The whole policy as it should be, as `policy show --whole` writes it.")],
    why: Why,
    by: By = None,
    lang: Lang = None,
    *,
    where: Where,
) -> None:
    """Ask, as an admin, for another policy; a second admin agrees, or it is announced for a day where there is only one."""
    from watchkeeper.cli.policy_edit import changed

    changed(file, (why, by), lang, where)


@policy_app.command("agree")
@placed
def policy_agree(change: Change, by: By = None, assets: Assets = None, lang: Lang = None, *, where: Where) -> None:
    """Agree, as a second admin, to a change or a promotion."""
    from watchkeeper.cli.policy_edit import agreed

    agreed(change, by, (assets, lang), where)


@policy_app.command("cancel")
@placed
def policy_cancel(change: Change, why: Why, by: By = None, lang: Lang = None, *, where: Where) -> None:
    """Cancel a change or a promotion that was asked for or stands announced."""
    from watchkeeper.cli.policy_edit import cancelled

    cancelled(change, (why, by), lang, where)

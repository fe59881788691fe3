"""`watchkeeper actions`. Owns names and options of its commands; what each does stands in the module of its name."""

from pathlib import Path
from typing import Annotated

import typer

from watchkeeper.cli.where import Where, placed

actions_app = typer.Typer(help="What was done or is to be done about incidents: what is in force, why, until when; take it back.")

Action = Annotated[str, typer.Argument(help="Id of an action, or its first characters.")]
Why = Annotated[str, typer.Option(help="Your reason, in your words.")]
By = Annotated[str | None, typer.Option(help="Your login; default: your user name.")]
Lang = Annotated[str | None, typer.Option(help="Language: en or zh.")]
Assets = Annotated[Path | None, typer.Option(help="assets.yml, as `watchkeeper serve` has it: what is protected is ruled on as such.")]


@actions_app.callback(invoke_without_command=True)
@placed
def actions_listed(
    context: typer.Context,
    waiting: Annotated[bool, typer.Option("--waiting", help="What waits for people, or is about to run.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every action, those that are over among them.")] = False,
    incident: Annotated[str, typer.Option(help="Only for the incident of this id.")] = "",
    most: Annotated[int, typer.Option(help="How many at most, the newest first.", min=1, max=10_000)] = 200,
    as_json: Annotated[bool, typer.Option("--json", help="Write them as JSON lines.")] = False,
    lang: Lang = None,
    *,
    where: Where,
) -> None:
    """List what is in force, why and until when."""
    if context.invoked_subcommand is None:
        from watchkeeper.cli.actions_list import run

        run((waiting, every), (incident, most), lang, where, as_json=as_json)


@actions_app.command("show")
@placed
def actions_show(
    action: Action,
    as_json: Annotated[bool, typer.Option("--json", help="Write everything of it as JSON.")] = False,
    lang: Lang = None,
    *,
    where: Where,
) -> None:
    """Say what an action is, how it was ruled on, who approved it, what was seen of its effect, and what the audit log tells."""
    from watchkeeper.cli.actions_show import run

    run(action, lang, where, as_json=as_json)


@actions_app.command("approve")
@placed
def actions_approve(
    action: Action,
    why: Why = "",
    by: By = None,
    digest: Annotated[str, typer.Option(help="Digest of what you saw, or its first characters: if it is otherwise now, refuse.")] = "",
    assets: Assets = None,
    lang: Lang = None,
    *,
    where: Where,
) -> None:
    """Agree, as a responder, that an action may be done."""
    from watchkeeper.cli.actions_edit import answered

    answered(action, (why, by), (assets, lang), where, digest=digest, agrees=True)


@actions_app.command("deny")
@placed
def actions_deny(action: Action, why: Why, by: By = None, lang: Lang = None, *, where: Where) -> None:
    """Say that an action must not be done; that ends it."""
    from watchkeeper.cli.actions_edit import answered

    answered(action, (why, by), (None, lang), where, digest="", agrees=False)


@actions_app.command("undo")
@placed
def actions_undo(action: Action, why: Why, by: By = None, assets: Assets = None, lang: Lang = None, *, where: Where) -> None:
    """Take an action back, here and now; the platform need not run."""
    from watchkeeper.cli.actions_edit import undone

    undone(action, (why, by), (assets, lang), where)


@actions_app.command("check")
@placed
def actions_check(action: Action, assets: Assets = None, lang: Lang = None, *, where: Where) -> None:
    """Look at its place whether an action has its effect; one that has none is taken back or left to people, as the policy says."""
    from watchkeeper.cli.actions_edit import checked

    checked(action, (assets, lang), where)


@actions_app.command("propose")
@placed
def actions_propose(
    name: Annotated[str, typer.Argument(help="Name in the catalogue, such as block_address.")],
    why: Why,
    targets: Annotated[list[str] | None, typer.Argument(help="What it acts on, as KIND:VALUE, such as address:203.0.113.7.")] = None,
    verified_list: Annotated[str, typer.Option("--list", help="Instead: everything on this list of a signed bundle, as one action.")] = "",
    incident: Annotated[str, typer.Option(help="Id of the incident that it is for, or its first characters: its evidence counts.")] = "",
    argument: Annotated[list[str] | None, typer.Option(help="What else it needs, as NAME=VALUE; several times.")] = None,
    radius: Annotated[int | None, typer.Option(help="How many hosts, users or services feel it; unknown counts as all.", min=0)] = None,
    hours: Annotated[float | None, typer.Option(help="After how long it ends by itself; default: as the catalogue says.", min=0.01)] = None,
    wave: Annotated[int, typer.Option(help="Another number asks for the same again after it ended.", min=0)] = 0,
    by: By = None,
    assets: Assets = None,
    lang: Lang = None,
    *,
    where: Where,
) -> None:
    """Ask, as a responder, for an action; somebody else approves it where the policy wants that."""
    from watchkeeper.cli.actions_edit import Named, proposed

    named = Named(name, (tuple(targets or ()), verified_list), tuple(argument or ()), incident, radius, hours, wave)
    proposed(named, (why, by), (assets, lang), where)

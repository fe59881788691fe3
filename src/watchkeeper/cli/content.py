"""`watchkeeper content`. Owns names and options of its commands; what each does stands in the module of its name."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

content_app = typer.Typer(help="Rules, intelligence and lists as one signed file, for networks without a way out.", no_args_is_help=True)
content_keys_app = typer.Typer(help="Keys that sign bundles, in minisign's format.", no_args_is_help=True)
content_app.add_typer(content_keys_app, name="keys")

Bundle = Annotated[Path, typer.Argument(help="A bundle that `content build` wrote.")]
State = Annotated[
    Path | None, typer.Option(help="Folder of what outlives a run, trusted keys too; default: under your user data directory.")
]
Into = Annotated[
    Path | None, typer.Option(help="Folder of installed content; default: WATCHKEEPER_RULES, else under your user data directory.")
]
Format = Annotated[str, typer.Option("--format", help="text or json.")]


@content_app.command("build")
def content_build(
    recipe: Annotated[Path, typer.Argument(help="A YAML file that says what goes in; docs/content.md shows one.")],
    out: Annotated[Path, typer.Option(help="The bundle to write.")],
    key: Annotated[
        Path | None, typer.Option(help="Secret key to sign with, of `content keys new` or minisign; without it, unsigned.")
    ] = None,
    previous: Annotated[Path | None, typer.Option(help="The bundle before, to say what changed since.")] = None,
    created: Annotated[str | None, typer.Option(help="Time it was built, such as 2026-05-01T06:00:00Z; default: now.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Build it even if many of its rules cannot run.")] = False,
    how: Format = "text",
) -> None:
    """Write a bundle of rules, intelligence and lists; the same input and time give the same bytes."""
    from watchkeeper.cli.content_build import run

    run(recipe, out, key, previous, datetime.now(UTC) if created is None else created, force, how)


@content_app.command("verify")
def content_verify(
    bundle: Bundle,
    key: Annotated[str | None, typer.Option(help="Public key, a file or the line; default: the keys you trust.")] = None,
    state: State = None,
    how: Format = "text",
) -> None:
    """Say who signed a bundle, whether it is whole, and what is in it; nothing is installed."""
    from watchkeeper.cli.content_verify import run

    run(bundle, key, state, how)


@content_app.command("install")
def content_install(
    bundle: Bundle,
    into: Into = None,
    state: State = None,
    unsigned_is_fine: Annotated[
        bool, typer.Option("--unsigned-is-fine", help="Install it though no key that you trust signed it.")
    ] = False,
    any_age: Annotated[bool, typer.Option("--any-age", help="Install it though it is no newer than what is installed.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Install it even if many of its rules cannot run.")] = False,
    how: Format = "text",
) -> None:
    """Install a bundle, all or nothing, and say what it brings; your own rules, filters and feedback stay."""
    from watchkeeper.cli.content_install import run

    run(bundle, into, state, unsigned_is_fine, any_age, force, how)


@content_app.command("show")
def content_show(into: Into = None, state: State = None, how: Format = "text") -> None:
    """List what is installed, since when, signed by whom, and the keys you trust."""
    from watchkeeper.cli.content_show import run

    run(into, state, how)


@content_app.command("trust")
def content_trust(
    key: Annotated[str, typer.Argument(help="Public key: a file of minisign's, or the line in it.")],
    state: State = None,
) -> None:
    """Trust a key: what it signs may be installed from now on."""
    from watchkeeper.cli.content_keys import trust_key

    trust_key(key, state)


@content_app.command("distrust")
def content_distrust(key: Annotated[str, typer.Argument(help="Id of the key, 16 hex digits.")], state: State = None) -> None:
    """Trust a key no longer; what it signed before stays installed."""
    from watchkeeper.cli.content_keys import distrust_key

    distrust_key(key, state)


@content_keys_app.command("new")
def content_keys_new(
    out: Annotated[Path, typer.Option(help="File for the secret key; the public one goes beside it, ending in .pub.")],
    password: Annotated[bool, typer.Option("--password/--no-password", help="Encrypt the secret key.")] = True,
) -> None:
    """Make a key pair to sign bundles with."""
    from watchkeeper.cli.content_keys import new

    new(out, password)

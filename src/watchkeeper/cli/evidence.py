"""`watchkeeper evidence` and its commands. Owns their options; packing is the autopilot's, checking the bundle's."""

from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup


class _PackByDefault(TyperGroup):
    """Take `evidence CASE` as `evidence pack CASE`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Put `pack` before what is no command."""
        return super().resolve_command(ctx, args if args[0] in self.commands else ["pack", *args])


evidence_app = typer.Typer(help="An incident as a package that others can check.", no_args_is_help=True, cls=_PackByDefault)


@evidence_app.command("pack")
def evidence_pack(
    case: Annotated[Path, typer.Argument(help="A case folder, as `watchkeeper investigate --out` leaves it.")],
    out: Annotated[Path, typer.Option(help="The package to write, a zip.")],
    incident: Annotated[int | None, typer.Option(help="Rank of the incident; default: the first that is shown.", min=1)] = None,
    key: Annotated[
        Path | None, typer.Option(help="Secret key to sign with, of `content keys new` or minisign; without it, unsigned.")
    ] = None,
    originals: Annotated[
        list[Path] | None, typer.Option(help="The evidence as it was given to investigate, several times: its files are hashed.")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who packs; default: your user name.")] = None,
    machine: Annotated[str, typer.Option(help="Name of this machine for the chain of custody; default: none.")] = "",
    lang: Annotated[str | None, typer.Option(help="Language of the report: en or zh.")] = None,
) -> None:
    """Pack an incident's events, report, hashes and chain of custody, signed if there is a key."""
    from watchkeeper.cli.evidence_pack import run

    run(case, out, (incident, tuple(originals or ()), lang), key, (by, machine))


@evidence_app.command("verify")
def evidence_verify(
    package: Annotated[Path, typer.Argument(help="An evidence package.")],
    key: Annotated[str | None, typer.Option(help="Public key, a file or the line; default: the keys you trust.")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder of what outlives a run; default: under your user data directory.")] = None,
    how: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """Say what of a package holds and what does not; exit code 1 if anything does not."""
    from watchkeeper.cli.evidence_verify import run

    run(package, key, state, how)

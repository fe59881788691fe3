"""`watchkeeper knowledge import`. Owns what is said of an import; doing it is the autopilot's."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from watchkeeper.attack.techniques import built_in_is_newer
from watchkeeper.attack.techniques import version as spoken_version
from watchkeeper.autopilot.knowledge import Learnt, learn_attack
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings


def run(bundle: Path, version: str, into: Path | None) -> None:
    """Import, and say what that gave and what was left out."""
    with plain_errors():
        learnt = learn_attack(bundle, read_settings(rules=into).rules, datetime.now(UTC), version)
    _say(learnt)


def _say(learnt: Learnt) -> None:
    found = learnt.catalogue
    typer.echo(
        harmless(
            f"ATT&CK {found.version or 'of a version that is not known'}: {len(found.techniques):,} techniques, {len(found.replaced):,} "
            f"replaced ids, {len(found.groups):,} groups, {len(found.software):,} software, {len(found.campaigns):,} campaigns"
        )
    )
    for reason, count in learnt.left_out.most_common():
        if count:
            typer.echo(f"{count:,} left out: {reason}", err=True)
    winner = f"the built-in table ({spoken_version()})" if built_in_is_newer(found) else "this bundle"
    typer.echo(f"where both know an id, {winner} wins; what only one of them knows stays known")
    if not learnt.is_new:
        typer.echo("it was installed already; nothing was changed")

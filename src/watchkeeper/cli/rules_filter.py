"""`watchkeeper rules filter`. Owns what is said of a proposal, and that only what is proved is written."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import typer

from watchkeeper.autopilot.choice import Choice
from watchkeeper.autopilot.explain import meant
from watchkeeper.autopilot.filter_proposal import Proposal, Tally, propose
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.what_if import say_changes
from watchkeeper.detection import Rule
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store

_MOST_NAMED = 5


def run(name: str, chosen: Choice, accept: Path | None, state: Path | None) -> None:
    """Write the proposed filter to standard output and its proof to standard error; with a file, write it there if it holds."""
    with plain_errors(), closing(open_store(read_settings(state).store)) as store:
        rules = meant(name, chosen)
        if len(rules) != 1:
            raise ValueError(f"{name!r} holds {len(rules)} rules; name one by its id or title, and --rules says where it is")
        proposal = propose(rules[0], store, chosen.sources(), datetime.now(UTC).date())
        if proposal is None:
            typer.echo("no filter: no few fields tell what was judged benign from everything else; a suppression may help", err=True)
            raise typer.Exit(1)
        typer.echo(proposal.text, nl=False)
        _say(rules[0], proposal)
        say_changes(proposal.changes, store, err=True)
        if proposal.objection:
            typer.echo(f"not to be accepted: {proposal.objection}", err=True)
            raise typer.Exit(1)
        if accept:
            _write(accept, proposal.text)


def _say(rule: Rule, proposal: Proposal) -> None:
    typer.echo(harmless(f"of the signals of {rule.title!r} in earlier cases this filter hides"), err=True)
    for sort, tally in (("judged benign", proposal.false), ("judged an attack", proposal.true), ("judged by nobody", proposal.unjudged)):
        typer.echo(f"  {tally.hidden:,} of {tally.kept:,} {sort}{_unproved(tally)}", err=True)
    if proposal.exemplars:
        more = ", …" if len(proposal.exemplars) > _MOST_NAMED else ""
        typer.echo(f"  events nobody judged: {', '.join(proposal.exemplars[:_MOST_NAMED])}{more}", err=True)


def _unproved(tally: Tally) -> str:
    left = tally.signals - tally.kept
    return f"; {left:,} more could not be looked at: their events are not kept, or the rule no longer fires on them" if left else ""


def _write(place: Path, text: str) -> None:
    with place.open("x", encoding="utf-8") as file:
        file.write(text)
    typer.echo(f"written: {place}; `--rules {place}` uses it", err=True)

"""What `watchkeeper playbooks` does. Owns the words and files; reading, checking and CACAO are the autopilot's."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot.cacao import exported as as_cacao
from watchkeeper.autopilot.cacao import imported as from_cacao
from watchkeeper.autopilot.playbooks.choosing import chosen_in
from watchkeeper.autopilot.playbooks.reading import FOLDER, in_yaml, playbooks, read_playbook
from watchkeeper.autopilot.playbooks.telling import steps_told
from watchkeeper.autopilot.playbooks.wording import in_words
from watchkeeper.autopilot.retelling import read_case
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.model.playbook import Playbook
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings

_MOST_BYTES = 2 << 20


def listed(own: tuple[Path, ...], lang: str | None, state: Path | None) -> None:
    """List playbooks."""
    table = Table("Name", "Priority", "Steps", "For", box=None, pad_edge=False)
    with plain_errors():
        language = read_settings(language=lang).language
        for one in playbooks(_own(own, state)):
            table.add_row(one.name, str(one.priority), str(len(one.steps)), harmless(in_words(one.title, language)))
    Console(markup=False).print(table)


def shown(name: str, own: tuple[Path, ...], lang: str | None, state: Path | None) -> None:
    """Show a playbook."""
    with plain_errors():
        language = read_settings(language=lang).language
        playbook = _named(name, own, state)
        typer.echo(harmless(f"{playbook.name}: {in_words(playbook.title, language)} (priority {playbook.priority})"))
        for line in steps_told(playbook, language):
            typer.echo(harmless(line))


def which(case: Path, own: tuple[Path, ...], state: Path | None) -> None:
    """Say which playbook each incident of a case gets."""
    table = Table("#", "Incident", "Playbook", "Verdict", "Hosts", "What", box=None, pad_edge=False)
    with plain_errors():
        found = read_case(case)
        for incident, playbook in chosen_in(found, playbooks(_own(own, state))):
            outcome = incident.verdict.outcome if incident.verdict else "unjudged"
            said = (incident.id[:12], playbook.name if playbook else "none", outcome, ", ".join(incident.hosts[:3]), incident.title)
            table.add_row(str(incident.rank), *map(harmless, said))
    Console(markup=False).print(table)


def checked(paths: tuple[Path, ...]) -> None:
    """Say whether playbooks are sound."""
    files = [file for path in paths for file in (sorted(path.glob("*.yml")) if path.is_dir() else [path])]
    wrong = 0
    for file in files:
        try:
            playbook = read_playbook(file)
            typer.echo(f"{file}: sound, {len(playbook.steps)} steps")
        except (OSError, ValueError) as error:
            wrong += 1
            typer.echo(harmless(str(error)), err=True)
    typer.echo(f"{len(files) - wrong} of {len(files)} playbooks are sound")
    if wrong or not files:
        raise typer.Exit(1)


def exported(asked: tuple[str, Path | None], own: tuple[Path, ...], lang: str | None, state: Path | None) -> None:
    """Write a playbook as CACAO."""
    name, out = asked
    with plain_errors():
        language = read_settings(language=lang).language
        text = json.dumps(as_cacao(_named(name, own, state), language, datetime.now(UTC)), indent=2, ensure_ascii=False) + "\n"
        if out is None:
            sys.stdout.write(text)
        else:
            out.write_text(text, "utf-8")
            typer.echo(f"{name} is in {out}")


def imported(file: Path, out: Path | None, state: Path | None) -> None:
    """Take over a CACAO playbook."""
    with plain_errors():
        with file.open("rb") as opened:
            found = from_cacao(opened.read(_MOST_BYTES), _stem(file))
        folder = out or read_settings(state).state / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{found.playbook.name}.yml"
        if path.exists():
            raise ValueError(f"{str(path)!r} is there already; move it away, or name another folder with --out")
        path.write_text(in_yaml(found.playbook), "utf-8")
    typer.echo(f"{path}: {len(found.playbook.steps)} steps")
    for said in found.by_hand:
        typer.echo(harmless(said))


def _own(own: tuple[Path, ...], state: Path | None) -> tuple[Path, ...]:
    """Give the folders of a person's own playbooks, those named on the command line last, so that they win."""
    return (read_settings(state).state / FOLDER, *own)


def _named(name: str, own: tuple[Path, ...], state: Path | None) -> Playbook:
    found = {one.name: one for one in playbooks(_own(own, state))}
    if name not in found:
        raise ValueError(f"there is no playbook {name[:60]!r}; there are {', '.join(found)}")
    return found[name]


def _stem(file: Path) -> str:
    stem = "".join(one if one.isalnum() and one.isascii() else "-" for one in file.stem.lower()).strip("-")
    return stem if len(stem) > 1 and stem[0].isalpha() else f"imported-{stem}".strip("-")

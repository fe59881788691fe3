"""`watchkeeper hunt NAME`. Owns which hunts and which evidence are meant, and the forms of the result; the autopilot runs them."""

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import msgspec
import typer

from watchkeeper.autopilot.hunting import Asking, Hunted, as_json, hunt, hunts_of
from watchkeeper.autopilot.investigation import Keep
from watchkeeper.autopilot.options import Options
from watchkeeper.cli.hunt_told import tell, tell_list
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.signals import say_skipped
from watchkeeper.detection.hunting import Hunts
from watchkeeper.model.language import Language
from watchkeeper.reporting.harmless import harmless
from watchkeeper.settings import read_settings

_LIST = "list"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which hunts are meant, as a person says it."""

    words: tuple[str, ...]
    """The name of a hunt, then evidence; evidence alone with `every` or `technique`."""
    every: bool
    technique: str | None
    own: tuple[Path, ...]
    """Files and folders of a person's own hunts."""


def run(wanted: Wanted, options: Options, until: str | None, out: tuple[Path | None, str], told: tuple[str | None, str]) -> None:
    """Hunt, or list the hunts; `out` is a folder for a case and what it keeps, `told` the language and the form."""
    folder, keep = out
    with plain_errors():
        language, how = read_settings(language=told[0]).language, one_of("format", told[1], ("text", "json"))
        loaded = hunts_of(wanted.own)
        if wanted.words[:1] == (_LIST,):
            _list(loaded.about(wanted.technique) if wanted.technique else loaded, language, how)
            return
        hunts, evidence = _meant(wanted, loaded)
        kept = cast("Keep", one_of("keep", keep, ("evidence", "all")))
        done = hunt(Asking(hunts, language, _moment(until)), _on(options, evidence), folder, kept)
    if how == "json":
        sys.stdout.write(as_json(done.results))
    else:
        tell(done, language, whole=len(done.results) == 1)
    _say(done, folder)


def _meant(wanted: Wanted, loaded: Hunts) -> tuple[Hunts, tuple[Path, ...]]:
    """Tell names from evidence.

    Raises:
        ValueError: no hunt or no evidence is meant, or two ways of choosing are mixed.
    """
    if wanted.every and wanted.technique:
        raise ValueError("--all and --technique exclude each other")
    if wanted.every or wanted.technique:
        names, evidence = (), wanted.words
        hunts = loaded.about(wanted.technique) if wanted.technique else loaded
    else:
        names, evidence = wanted.words[:1], wanted.words[1:]
        hunts = loaded.chosen(names) if names else loaded
    if not evidence:
        raise ValueError("say which evidence: watchkeeper hunt NAME EVIDENCE, or --all EVIDENCE; `watchkeeper hunt list` lists the names")
    return hunts, tuple(map(Path, evidence))


def _on(options: Options, evidence: tuple[Path, ...]) -> Options:
    return replace(options, paths=evidence)


def _moment(text: str | None) -> datetime | None:
    """Read a moment; without an offset it is UTC.

    Raises:
        ValueError: it is none.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"--usual-until {text!r} is no time; write it as 2026-03-04 or 2026-03-04T09:00:00Z") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _list(hunts: Hunts, language: Language, how: str) -> None:
    if how == "json":
        nouns = [one.hunt.model_dump(mode="json") for one in hunts.asked]
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(nouns)).decode() + "\n")
        return
    tell_list([one.hunt for one in hunts.asked], language)


def _say(done: Hunted, folder: Path | None) -> None:
    """Say on standard error what was not looked at, and where the case is."""
    say_skipped(done.sources)
    if done.made_of is not None and done.events < done.made_of:
        said = f"the case keeps {done.events:,} of the {done.made_of:,} events it was made of; the others were not looked at"
        typer.echo(f"{said}; `watchkeeper investigate --keep all` keeps every event", err=True)
    for problem in done.problems:
        typer.echo(harmless(problem), err=True)
    if folder is not None and done.case is not None:
        count = len(done.case.incidents)
        typer.echo(f"{count} {'incident' if count == 1 else 'incidents'} in {folder.resolve() / 'report.html'}", err=True)

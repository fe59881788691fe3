"""`watchkeeper doctor`. Owns the checks of this installation, and printing them beside those of the platform that runs on it."""

import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import cast

import msgspec
import typer
from packaging.requirements import Requirement

from watchkeeper.cli.asked import installed_if_any, own_sources, rule_paths
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.signals import unknown_words
from watchkeeper.content import folder
from watchkeeper.detection import load_rules
from watchkeeper.ingest import READERS
from watchkeeper.ingest.own_sources import own_sources as read_own_sources
from watchkeeper.model.checked import EMPTY, Checked, Empty
from watchkeeper.model.incident import Case
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.reporting.sentences import say
from watchkeeper.server.checkup import looked_over
from watchkeeper.server.facts import gathered, port_holder
from watchkeeper.server.vitals import read_vitals
from watchkeeper.settings import Settings, read_settings
from watchkeeper.store import open_store

_MARKS = {"good": "ok  ", "worth-knowing": "note", "bad": "BAD "}
_PORTS = {"free": "good", "forbidden": "bad", "other": "bad"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants to know."""

    why: str | None
    """What is empty; none asks for a whole check-up."""
    ports: tuple[int, ...]
    """Ports to look at."""
    format: str
    lang: str | None


def run(state: Path | None, asked: Asked) -> None:
    """Print every finding; exit code 1 if something does not work."""
    with plain_errors():
        one_of("format", asked.format, ("text", "json"))
        settings = read_settings(state, asked.lang)
        if asked.why is not None:
            one_of("why", asked.why, EMPTY)
    findings = _why(asked.why, settings) if asked.why else [found for check in _CHECKS for found in _safely(check, settings)]
    findings += [_port(port, settings) for port in asked.ports]
    _print(findings, asked.format, settings.language)
    if any(found.state == "bad" for found in findings):
        raise typer.Exit(1)


def _print(findings: list[Checked], how: str, lang: Language) -> None:
    if how == "json":
        said = [
            found.model_dump() | {"says": say(found.what, lang), "do": say(found.mend, lang) if found.mend else ""} for found in findings
        ]
        typer.echo(msgspec.json.format(msgspec.json.encode(said)).decode())
        return
    for found in findings:
        typer.echo(f"{_MARKS[found.state]} {say(found.what, lang)}" + (f"\n     {say(found.mend, lang)}" if found.mend else ""))


def _safely(check: Callable[[Settings], Iterator[Checked]], settings: Settings) -> Iterator[Checked]:
    try:
        yield from check(settings)
    except Exception as error:  # noqa: BLE001 -- the boundary of a check: what it raised is its finding
        about = {"check": check.__name__.strip("_"), "error": f"{type(error).__name__}: {error}"}
        yield _checked("bad", "doctor.failed", "doctor.failed.mend", **about)


def _checked(state: str, what: str, mend: str = "", **arguments: str) -> Checked:
    """Make a finding from the codes of what was found and what to do."""
    done = Note(code=mend, arguments=arguments) if mend else None
    return Checked.model_validate({"state": state, "what": Note(code=what, arguments=arguments), "mend": done})


def _python(_: Settings) -> Iterator[Checked]:
    fits = (3, 11) <= sys.version_info[:2] < (3, 14)
    said = {"version": platform.python_version(), "machine": platform.machine()}
    yield _checked("good" if fits else "bad", "doctor.python", "" if fits else "doctor.python.mend", **said)


def _packages(_: Settings) -> Iterator[Checked]:
    wanted = [Requirement(line) for line in requires("watchkeeper") or ()]
    wrong = [str(requirement) for requirement in wanted if requirement.marker is None and not _satisfied(requirement)]
    said = {"fitting": str(len(wanted) - len(wrong)), "all": str(len(wanted)), "wrong": ", ".join(wrong)}
    yield _checked("bad" if wrong else "good", "doctor.packages", "doctor.packages.mend" if wrong else "", **said)


def _satisfied(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False


def _state(settings: Settings) -> Iterator[Checked]:
    with closing(open_store(settings.store)) as store:
        said = {"name": store.database.name, "count": str(len(store.incidents())), "version": store.database.version}
    yield _checked("good", "doctor.state", **said)


def _readers(_: Settings) -> Iterator[Checked]:
    names = [reader.name for reader in READERS]
    yield _checked("good" if names else "bad", "doctor.readers", count=str(len(names)), names=", ".join(names))


def _own_sources(settings: Settings) -> Iterator[Checked]:
    paths = own_sources(None, settings.state)
    try:
        found = read_own_sources(paths)
    except (OSError, ValueError) as error:
        yield _checked("bad", "doctor.own-sources.wrong", "doctor.own-sources.wrong.mend", why=str(error))
        return
    if paths:
        yield _checked("good", "doctor.own-sources", count=str(len(found.grammars) + len(found.formats)), place=str(paths[0]))


def _unknown(settings: Settings) -> Iterator[Checked]:
    with closing(open_store(settings.store)) as store:
        place = store.newest_case()
    written = None if place is None else place / "incidents.json"
    if written is None or not written.is_file():
        return
    said = unknown_words(Case.model_validate_json(written.read_bytes()).sources)
    if said:
        yield _checked("worth-knowing", "doctor.unknown", "doctor.unknown.mend", unknown=said[0], reading=said[1])


def _rules(_: Settings) -> Iterator[Checked]:
    ruleset = load_rules((folder("rules"),))
    said = {"count": str(len(ruleset.rules)), "problems": "; ".join(ruleset.problems[:3])}
    yield _checked("bad" if said["problems"] else "good", "doctor.rules", "doctor.rules.mend" if said["problems"] else "", **said)


def _platform(settings: Settings) -> Iterator[Checked]:
    yield from _looked_over(settings, None)


def _why(what: str, settings: Settings) -> list[Checked]:
    with plain_errors():
        return list(_looked_over(settings, cast("Empty", what)))


def _looked_over(settings: Settings, why: Empty | None) -> Iterator[Checked]:
    settings.state.mkdir(parents=True, exist_ok=True)
    rules = (folder("rules"), *rule_paths(installed_if_any()))
    with closing(open_store(settings.store)) as store:
        yield from looked_over(gathered(settings.state, store, rules, datetime.now(UTC)), why)


def _port(port: int, settings: Settings) -> Checked:
    holder = port_holder(port, read_vitals(settings.state).vitals)
    state, code = _PORTS.get(holder, "good"), holder if holder in _PORTS else "ours"
    return _checked(state, f"doctor.port.{code}", f"doctor.port.{code}.mend" if state == "bad" else "", port=str(port), process=holder)


_CHECKS = (_python, _packages, _state, _readers, _own_sources, _unknown, _rules, _platform)

"""`watchkeeper doctor`. Owns the checks of this installation: what works, what is missing, how to mend it."""

import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import typer
from packaging.requirements import Requirement

from watchkeeper.cli.asked import own_sources
from watchkeeper.cli.signals import unknown_words
from watchkeeper.content import folder
from watchkeeper.detection import load_rules
from watchkeeper.ingest import READERS
from watchkeeper.ingest.own_sources import own_sources as read_own_sources
from watchkeeper.model.incident import Case
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store

_ENOUGH_DISK = 2 << 30


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked."""

    good: bool
    what: str
    mend: str = ""


def run(state: Path | None) -> None:
    """Print every finding; exit code 1 if something does not work."""
    findings = [finding for check in _CHECKS for finding in _safely(check, state)]
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.good else 'BAD '} {finding.what}" + (f"\n     {finding.mend}" if finding.mend else ""))
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


def _safely(check: Callable[[Path | None], Iterator[Finding]], state: Path | None) -> Iterator[Finding]:
    try:
        yield from check(state)
    except Exception as error:  # noqa: BLE001 -- the boundary of a check: what it raised is its finding
        yield Finding(good=False, what=f"{check.__name__.strip('_')}: {type(error).__name__}: {error}", mend="please report this line")


def _python(_: Path | None) -> Iterator[Finding]:
    fits = (3, 11) <= sys.version_info[:2] < (3, 14)
    yield Finding(fits, f"Python {platform.python_version()} on {platform.machine()}", "" if fits else "use Python 3.11, 3.12 or 3.13")


def _packages(_: Path | None) -> Iterator[Finding]:
    wanted = [Requirement(line) for line in requires("watchkeeper") or ()]
    wrong = [str(requirement) for requirement in wanted if requirement.marker is None and not _satisfied(requirement)]
    mend = f"run `make setup`; not fitting: {', '.join(wrong)}" if wrong else ""
    yield Finding(not wrong, f"{len(wanted) - len(wrong)} of {len(wanted)} packages fit", mend)


def _satisfied(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(version(requirement.name), prereleases=True)
    except PackageNotFoundError:
        return False


def _state(state: Path | None) -> Iterator[Finding]:
    settings = read_settings(state)
    with closing(open_store(settings.store)) as store:
        count = len(store.incidents())
        yield Finding(good=True, what=f"state in {store.database.name}: {count} incidents kept ({store.database.version})")
    settings.state.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(settings.state).free
    mend = "" if free >= _ENOUGH_DISK else "cases need room; free 2 GiB"
    yield Finding(free >= _ENOUGH_DISK, f"{free / (1 << 30):.1f} GiB free in {settings.state}", mend)


def _readers(_: Path | None) -> Iterator[Finding]:
    yield Finding(good=bool(READERS), what=f"{len(READERS)} readers: {', '.join(reader.name for reader in READERS)}")


def _own_sources(state: Path | None) -> Iterator[Finding]:
    paths = own_sources(None, state)
    try:
        found = read_own_sources(paths)
    except (OSError, ValueError) as error:
        yield Finding(good=False, what=f"your own sources: {error}", mend="mend or remove that file; until then no evidence is read")
        return
    if paths:
        yield Finding(good=True, what=f"{len(found.grammars) + len(found.formats)} sources of your own in {paths[0]}")


def _unknown(state: Path | None) -> Iterator[Finding]:
    with closing(open_store(read_settings(state).store)) as store:
        place = store.newest_case()
    written = None if place is None else place / "incidents.json"
    if written is None or not written.is_file():
        return
    said = unknown_words(Case.model_validate_json(written.read_bytes()).sources)
    if said:
        yield Finding(good=True, what=f"in the last case, {said[0]}", mend=said[1])


def _rules(_: Path | None) -> Iterator[Finding]:
    ruleset = load_rules((folder("rules"),))
    yield Finding(not ruleset.problems, f"{len(ruleset.rules)} rules of our own load", "; ".join(ruleset.problems[:3]))


_CHECKS = (_python, _packages, _state, _readers, _own_sources, _unknown, _rules)

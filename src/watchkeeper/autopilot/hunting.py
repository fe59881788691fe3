"""Hunting: a hypothesis asked of evidence or of a case, with what it finds as incidents. Owns the order of a hunt, not what it asks.

A hunt looks with fresh eyes: what earlier runs learnt and suppressed does not count, and nothing is remembered of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from watchkeeper.autopilot.examination import Way
from watchkeeper.autopilot.gathering import Pass
from watchkeeper.autopilot.investigation import Keep, investigate
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.retelling import read_when_made
from watchkeeper.autopilot.scanning import case_in, scan_of
from watchkeeper.content import folder
from watchkeeper.correlation import ASKED_FOR
from watchkeeper.detection.hunting import Hunter, Hunts, load_hunts
from watchkeeper.detection.logsources import log_sources
from watchkeeper.model.hunt import HuntResult
from watchkeeper.model.incident import Case
from watchkeeper.model.language import Language
from watchkeeper.model.report import Report
from watchkeeper.model.sourceread import SourceRead

RESULTS = "hunts.json"
"""What each hunt gave, in the folder of its case."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a person asks, and how."""

    hunts: Hunts
    language: Language
    until: datetime | None = None
    """Until when everything is taken as usual; none leaves that to each hunt."""


@dataclass(frozen=True, slots=True)
class Hunted:
    """What came of hunting."""

    results: tuple[HuntResult, ...]
    """One for each hunt, by name."""
    sources: tuple[SourceRead, ...]
    events: int
    """Events that were looked at."""
    made_of: int | None
    """Of how many the case that was looked at was made, of which it may not keep all; none if it was no case."""
    problems: tuple[str, ...]
    """Rules that failed on events, and what was not counted."""
    case: Case | None = None
    """The findings as incidents, where a folder for them was given."""
    report: Report | None = None


def hunts_of(own: Sequence[Path]) -> Hunts:
    """Load the hunts that come with Watchkeeper and a person's own, which go first.

    Raises:
        OSError: a path cannot be read.
        ValueError: a hunt is not as it must be.
    """
    return load_hunts((*own, folder("hunts")))


def hunt(asking: Asking, options: Options, out: Path | None = None, keep: Keep = "evidence") -> Hunted:
    """Ask every hunt of the events; with a folder, follow what was found as incidents and write a case there.

    Raises:
        OSError: evidence cannot be read or the folder cannot be written.
        ValueError: assets, mapping, sources or log sources cannot be used, or a case is damaged.
    """
    hunter = Hunter(asking.hunts, log_sources(*options.log_sources), asking.language, asking.until, options.engine)
    asked = replace(options, state=None)
    case, report = None, None
    if out is None:
        passed = Pass(hunter)
        passed.over(scan_of(asked)())
        passed.finish()
        sources, events = passed.sources, passed.events
    else:
        case, report = investigate(asked, out, asking.language, keep, _looking(hunter, asking.hunts))
        sources, events = case.sources, case.events
        (out / RESULTS).write_text(as_json(hunter.results), "utf-8", newline="\n")
        report = Report(files=(*report.files, str(out / RESULTS)), language=report.language)
    looked_at = case_in(options.paths)
    made_of = read_when_made(looked_at) if looked_at else None
    return Hunted(hunter.results, sources, events, made_of, hunter.problems, case, report)


def as_json(results: Sequence[HuntResult]) -> str:
    """Write results for machines."""
    return "[" + ",\n".join(one.model_dump_json(indent=1) for one in results) + "]\n"


def _looking(hunter: Hunter, hunts: Hunts) -> Callable[[Options, Path | None], Way]:
    def looking(options: Options, keep_in: Path | None) -> Way:
        passed = Pass(hunter)
        passed.over(scan_of(options)(), keep_in)
        return Way(hunts.rules, passed, ASKED_FOR)

    return looking

"""Reach: read a person's evidence once and say which rules can fire on it. Owns joining reader and judgement; forms are `cli`'s."""

from dataclasses import dataclass

from watchkeeper.autopilot.gathering import rules_of
from watchkeeper.autopilot.options import Options
from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.reach import Reach, RuleReach
from watchkeeper.ingest import read
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.sourceread import SourceRead


@dataclass(frozen=True, slots=True)
class Reached:
    """What rules can do with what was read."""

    rules: tuple[RuleReach, ...]
    seen: dict[LogSource, int]
    """Events of each log source, most first."""
    events: int
    alerts: int
    """Alerts of other products among the events; they need no rule."""
    sources: tuple[SourceRead, ...]
    problems: tuple[str, ...]
    """Rules that could not be loaded, and what was not looked at."""


def reach(options: Options) -> Reached:
    """Read every event once; memory holds log sources and names of fields, never events.

    Raises:
        OSError: a given path cannot be read.
        ValueError: the mapping, sources, placeholders or log sources cannot be used.
    """
    options.progress("rules", 0)
    ruleset = rules_of(options)
    found = Reach(ruleset, log_sources(*options.log_sources))
    sources: list[SourceRead] = []
    told = options.progress
    items = read(
        options.paths,
        mapping=options.mapping,
        own=options.sources,
        batch_rows=options.batch_rows,
        progress=lambda done: told("read", done),
    )
    for item in items:
        if isinstance(item, SourceRead):
            sources.append(item)
        else:
            found.observe(item)
    problems = ruleset.problems
    if found.beyond:
        problems = (*problems, f"{found.beyond:,} events of log sources beyond the bound were not looked at")
    return Reached(found.result(), found.seen, found.events, found.alerts, tuple(sources), problems)

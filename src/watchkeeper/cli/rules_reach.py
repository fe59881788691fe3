"""`watchkeeper rules reach`. Owns the tables and lists; what can fire is judged in `detection.reach`."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table

from watchkeeper.autopilot import Options
from watchkeeper.autopilot.reach import Reached, reach
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.progress import shown_progress
from watchkeeper.cli.signals import say_skipped
from watchkeeper.detection.reach import STATUSES, RuleReach
from watchkeeper.reporting.harmless import harmless

_MOST_SOURCES = 12
_MOST_FIELDS = 10
_MOST_GROUPS = 20
_WORDS = {"reached": "can fire", "field": "field missing", "source": "log source missing"}


def run(options: Options, every: bool, how: str) -> None:
    """Say which rules can fire; what could not be read or loaded goes to standard error."""
    with plain_errors():
        one_of("format", how, ("table", "json"))
        with shown_progress(options.paths) as progress:
            found = reach(replace(options, progress=progress))
    if how == "json":
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(_as_json(found))).decode() + "\n")
    else:
        _tables(Console(markup=False), found, every=every)
    say_skipped(found.sources)
    for problem in found.problems:
        typer.echo(harmless(problem), err=True)


def _tables(console: Console, found: Reached, *, every: bool) -> None:
    counts = Counter(rule.status for rule in found.rules)
    read = sum(1 for source in found.sources if source.events)
    console.print(f"{found.events:,} events from {read:,} of {len(found.sources):,} files", highlight=False)
    if found.alerts:
        console.print(f"{found.alerts:,} of them are alerts of other products, which need no rule", highlight=False)
    console.print(
        f"{counts['reached']:,} of {len(found.rules):,} rules can fire on them; {counts['field']:,} lack a field, "
        f"{counts['source']:,} have no events of their log source",
        highlight=False,
    )
    blind = sum(1 for rule in found.rules if rule.blind)
    if blind:
        console.print(f"{blind:,} of those that can fire would also look at fields that no event has", highlight=False)
    console.print(_by_source(found.rules, None if every else _MOST_GROUPS))
    _say_fields(console, found.rules)
    _say_sources(console, found)
    if every:
        _list(console, found.rules)


def _by_source(rules: Sequence[RuleReach], most: int | None) -> Table:
    table = Table("Log source of the rules", *(_WORDS[status].capitalize() for status in STATUSES), "Rules", box=None, pad_edge=False)
    groups: dict[str, Counter[str]] = {}
    for rule in rules:
        groups.setdefault(_group(rule), Counter())[rule.status] += 1
    ordered = sorted(groups.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    rest = sum((counts for _, counts in ordered[most:]), Counter[str]()) if most else Counter[str]()
    for name, counts in [*ordered[:most], *([(f"{len(ordered) - (most or 0):,} others; --all lists them", rest)] if rest else [])]:
        table.add_row(harmless(name), *(f"{counts[status]:,}" for status in STATUSES), f"{counts.total():,}")
    return table


def _group(rule: RuleReach) -> str:
    source = rule.source
    if source == type(source)():
        return "any, or a correlation"
    return f"{source.product or 'any product'} {source.category or source.service}".strip()


def _say_fields(console: Console, rules: Sequence[RuleReach]) -> None:
    costs = Counter((name, rule.place) for rule in rules if rule.status == "field" and not rule.alternatives for name in rule.missing)
    if not costs:
        return
    table = Table("Missing field", "In", "Rules it costs", box=None, pad_edge=False)
    for (name, place), count in costs.most_common(_MOST_FIELDS):
        table.add_row(harmless(name), harmless(place), f"{count:,}")
    console.print(table)


def _say_sources(console: Console, found: Reached) -> None:
    costs = Counter(rule.missing[0] for rule in found.rules if rule.status == "source" and rule.missing)
    if not costs:
        return
    table = Table("Missing log source", "Rules it costs", box=None, pad_edge=False)
    for name, count in costs.most_common(_MOST_SOURCES):
        table.add_row(harmless(name), f"{count:,}")
    console.print(table)


def _list(console: Console, rules: Sequence[RuleReach]) -> None:
    table = Table("Rule", "Level", "Title", "Why not", box=None, pad_edge=False)
    for rule in rules:
        if rule.status != "reached":
            table.add_row(harmless(rule.rule), rule.level, harmless(rule.title), harmless(_why(rule)))
    console.print(table)


def _why(rule: RuleReach) -> str:
    if rule.status == "source":
        return f"no events: {'; '.join(rule.missing)}"
    return f"{rule.place} has no {(' or ' if rule.alternatives else ', ').join(rule.missing)}"


def _as_json(found: Reached) -> dict[str, Any]:
    counts = Counter(rule.status for rule in found.rules)
    return {
        "events": found.events,
        "alerts": found.alerts,
        "counts": {status: counts[status] for status in STATUSES},
        "sources": [source.model_dump() | {"events": events} for source, events in found.seen.items()],
        "rules": found.rules,
        "files": [source.model_dump() for source in found.sources],
        "problems": found.problems,
    }

"""Examining evidence: read, detect, correlate. Owns the order of these; what is gathered on the way stands in `gathering`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from watchkeeper.assets import Register, read_assets
from watchkeeper.autopilot.gathering import Pass, rules_of
from watchkeeper.autopilot.knowledge import attack_spoken
from watchkeeper.autopilot.memory import remembered
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.shares import pass_over
from watchkeeper.autopilot.suppressions import Sifted, sifted
from watchkeeper.autopilot.workers import cores
from watchkeeper.correlation import Correlated, Knowledge, correlate, located, named
from watchkeeper.detection import RuleSet
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch
from watchkeeper.model.edit import Edit
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.sourceread import SourceRead


@dataclass(frozen=True, slots=True)
class Examined:
    """What reading, detecting and correlating gave."""

    sources: tuple[SourceRead, ...]
    rules: RuleSet
    events: int
    span: tuple[datetime, datetime] | None
    correlated: Correlated
    assets: Register
    hosts: tuple[str, ...]
    unraised: tuple[str, ...]
    """Matches of intelligence that were not raised, and why."""
    sifted: Sifted
    """What suppressions set aside."""
    edits: tuple[Edit, ...]
    """What people merged and split, in this case or others."""
    log_sources: Mapping[LogSource, frozenset[str]]
    """The log sources of what was read, each with those fields by which events are told apart that it has."""


def examine(options: Options, keep_in: Path | None = None) -> Examined:
    """Read every event once, keep it in a folder if one is given, detect on it, and group what was found.

    Raises:
        OSError: a given path cannot be read.
        ValueError: the assets, mapping, sources, rules, placeholders, log sources or installed content cannot be used.
    """
    with attack_spoken(options.content):
        return _examined(options, keep_in)


def _examined(options: Options, keep_in: Path | None) -> Examined:
    told = read_assets(options.assets) if options.assets else ()
    options.progress("rules", 0)
    ruleset = rules_of(options)
    passed = _passed(options, ruleset, keep_in)
    learnt = passed.learner.learnt()
    register = Register(told, learnt, passed.learner.held, passed.learner.accounts)
    options.progress("correlate", 0)
    hosts = tuple(asset.name for asset in learnt)
    known = remembered(options.state, passed.span, hosts)
    found = passed.finish()
    ruleset = replace(ruleset, problems=ruleset.problems + passed.problems + passed.learner.problems)
    placed = named(located(found, register.host_of), register.name_of)
    signals = sifted(placed, known.suppressions, ruleset, datetime.now(UTC))
    knowledge = Knowledge(register.of, register.host_of, trusts=known.trusts, name_of=register.name_of)
    correlated = correlate(signals.staying, known.baseline, knowledge)
    return Examined(
        passed.sources,
        ruleset,
        passed.events,
        passed.span,
        correlated,
        register,
        hosts,
        passed.unraised,
        signals,
        known.edits,
        passed.log_sources,
    )


def _passed(options: Options, ruleset: RuleSet, keep_in: Path | None) -> Pass:
    workers = options.workers or cores()
    if workers == 1:
        passed = Pass(ruleset, options)
        passed.over(_read(options), keep_in)
    else:
        passed = Pass(ruleset, replace(options, engine="reference"))  # it only joins what workers find; the fast engine takes long to make
        pass_over(options, passed, keep_in, workers)
    return passed


def _read(options: Options) -> Iterator[Batch | SourceRead]:
    told = options.progress
    return read(
        options.paths,
        mapping=options.mapping,
        own=options.sources,
        batch_rows=options.batch_rows,
        progress=lambda done: told("read", done),
    )

"""Examining evidence: read, detect, correlate. Owns the order of these; what is gathered on the way stands in `gathering`."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from watchkeeper.assets import Register, read_assets
from watchkeeper.autopilot.following import Again, again, followed
from watchkeeper.autopilot.gathering import Pass, SharedPass, detector_of, rules_of, telling_of
from watchkeeper.autopilot.knowledge import attack_spoken
from watchkeeper.autopilot.memory import remembered
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.rule_switches import switched_off
from watchkeeper.autopilot.scanning import files_of
from watchkeeper.autopilot.shares import pass_over
from watchkeeper.autopilot.suppressions import Sifted, sifted
from watchkeeper.autopilot.workers import cores
from watchkeeper.correlation import SHIPPED, Correlated, Knowledge, Tuning, correlate, located, named
from watchkeeper.detection import RuleSet
from watchkeeper.model.edit import Edit
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.sourceread import SourceRead
from watchkeeper.model.watch import Standing


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
    standings: Mapping[str, tuple[Standing, ...]]
    """What became of incidents, in this case or others, by their ids."""
    again: Again
    """What is looked out for because of earlier incidents, and is named in this evidence."""

    @property
    def case(self) -> str:
        """Name the evidence by what was read from it, so that the same evidence is the same case."""
        digest = hashlib.blake2b(digest_size=12)
        for source in self.sources:
            digest.update(f"{source.source}\0{source.events}\0{self.span}\n".encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Way:
    """How a body of evidence is looked at."""

    rules: RuleSet
    passed: Pass
    """A pass that is over all of its events."""
    tuning: Tuning = SHIPPED
    """From which scores an incident starts."""


def detecting(options: Options, keep_in: Path | None) -> Way:
    """Look at the evidence with rules, and keep its events in a folder if one is given.

    Raises:
        OSError: a given path cannot be read.
        ValueError: the mapping, sources, rules, placeholders or log sources cannot be used.
    """
    options = replace(options, quiet=switched_off(options.state))
    ruleset = rules_of(options)
    return Way(ruleset, _passed(options, ruleset, keep_in))


def examine(options: Options, keep_in: Path | None = None, looking: Callable[[Options, Path | None], Way] = detecting) -> Examined:
    """Look at every event once, keep it in a folder if one is given, and group what was found.

    Raises:
        OSError: a given path cannot be read.
        ValueError: the assets, mapping, sources, rules, placeholders, log sources or installed content cannot be used.
    """
    with attack_spoken(options.content):
        return _examined(options, keep_in, looking)


def _examined(options: Options, keep_in: Path | None, looking: Callable[[Options, Path | None], Way]) -> Examined:
    told = read_assets(options.assets) if options.assets else ()
    options.progress("rules", 0)
    way = looking(options, keep_in)
    ruleset, passed = way.rules, way.passed
    learnt = passed.learner.learnt()
    register = Register(told, learnt, passed.learner.held, passed.learner.accounts)
    options.progress("correlate", 0)
    hosts = tuple(asset.name for asset in learnt)
    known = remembered(options.state, passed.span, hosts)
    new = again(passed.finish(), followed(options.state), options.state)
    ruleset = replace(ruleset, problems=ruleset.problems + passed.problems + passed.learner.problems)
    placed = named(located(new.signals, register.host_of), register.name_of)
    signals = sifted(placed, known.suppressions, ruleset, datetime.now(UTC))
    knowledge = Knowledge(register.of, register.host_of, way.tuning, known.trusts, register.name_of)
    correlated = correlate(signals.staying, known.baseline, knowledge)
    return Examined(
        sources=passed.sources,
        rules=ruleset,
        events=passed.events,
        span=passed.span,
        correlated=correlated,
        assets=register,
        hosts=hosts,
        unraised=passed.unraised,
        sifted=signals,
        edits=known.edits,
        standings=known.standings,
        again=new,
        log_sources=passed.log_sources,
    )


def _passed(options: Options, ruleset: RuleSet, keep_in: Path | None) -> Pass:
    workers = options.workers or cores()
    if workers == 1:
        passed = Pass(detector_of(ruleset, options), telling_of(options))
        passed.over(files_of(options), keep_in)
    else:
        joining = replace(options, engine="reference")  # it only joins what workers find; the fast engine takes long to make
        passed = SharedPass(detector_of(ruleset, joining), telling_of(joining))
        pass_over(options, passed, keep_in, workers)
    return passed

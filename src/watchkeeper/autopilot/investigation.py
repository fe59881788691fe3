"""Investigating: from evidence to a case on disk. Owns the order of a whole run and which events are kept."""

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.autopilot.closing import Settled, settle
from watchkeeper.autopilot.examination import Examined, Way, detecting, examine
from watchkeeper.autopilot.flow import run
from watchkeeper.autopilot.knowledge import attack_spoken, learnt_attack
from watchkeeper.autopilot.lookout import Asked, knowing
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.report import report
from watchkeeper.autopilot.standings import again_notes, keep_seen, standing_notes
from watchkeeper.autopilot.track import watches
from watchkeeper.autopilot.watching import watched_by
from watchkeeper.autopilot.weaknesses import weaknesses_of
from watchkeeper.autopilot.world import World, no_inventory
from watchkeeper.correlation import Correlated, absorb, edit_case
from watchkeeper.detection.logsources import log_sources
from watchkeeper.detection.sigma import meaning
from watchkeeper.lake import GRAPH, OBSERVED, Keeper, Kept, joined
from watchkeeper.model.impact import Weaknesses
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.query import Query
from watchkeeper.model.report import Report
from watchkeeper.store import Place, Store, open_store
from watchkeeper.triage import learn

MOST_TRACED = 12
"""Incidents that are taken through every step; those ranked below are listed with their signals."""
_AROUND = timedelta(minutes=15)
_MOST_AROUND = 50_000

Keep = Literal["evidence", "all"]


def investigate(
    options: Options, out: Path, language: Language, keep: Keep = "evidence", looking: Callable[[Options, Path | None], Way] = detecting
) -> tuple[Case, Report]:
    """Run the whole loop and leave a case folder: reports, tables, kept events; `looking` is how the evidence is looked at.

    Raises:
        OSError: evidence cannot be read or the folder cannot be written.
        ValueError: rules, assets or mapping cannot be used.
    """
    out.mkdir(parents=True, exist_ok=True)
    incoming = out / ".incoming"
    shutil.rmtree(incoming, ignore_errors=True)
    try:
        examined = examine(options, incoming, looking)
        with closing(Kept(incoming)) as kept, attack_spoken(options.content):
            settled = _settled(examined, options, kept, out)
            case, edited = _case(examined, settled)
            options.progress("report", 0)
            written = report(case, edited, examined.sifted.aside, kept.search, out, language)
            _keep(_wanted(case, edited), kept, incoming, out / "events", keep)
            _keep_observed(incoming / OBSERVED, out / OBSERVED)
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    if options.state:
        _remember(case, examined, settled, out, options, options.state)
    return case, written


def _settled(examined: Examined, options: Options, kept: Kept, out: Path) -> Settled:
    """Follow the incidents with what people said of earlier ones, then close what that allows."""
    world = _world(examined, options, kept, out)
    if options.state is None:
        return Settled(_followed(examined, options, world), subjects=(), why=())
    with closing(open_store(options.state)) as store:
        experience, key = learn(store.precedents(examined.hosts)), store.drawing_key()
    return settle(_followed(examined, options, replace(world, experience=experience)), examined.assets.of, experience, key)


def _case(examined: Examined, settled: Settled) -> tuple[Case, Correlated]:
    """Give the case with what people merged and split, and its signals and sessions as they are placed then."""
    found = edit_case(settled.found, examined.edits)
    hosts = {host for incident in found.incidents for host in incident.hosts}
    case = Case(
        version=version("watchkeeper"),
        made=datetime.now(UTC),
        sources=examined.sources,
        rules=len(examined.rules.rules),
        rule_problems=examined.rules.problems,
        unraised=examined.unraised,
        suppressions=examined.sifted.did,
        events=examined.events,
        signals=found.signals.num_rows + examined.sifted.aside.num_rows,
        folds=len(found.folds),
        sessions=found.sessions,
        incidents=tuple(_with_again(_with_suppressed(one, examined.sifted.aside), examined, found.signals) for one in found.incidents),
        assets=tuple(asset for asset in examined.assets.all() if asset.name in hosts or not asset.learnt),
        triage=settled.why,
        synthetic=any(pc.any(table.column("synthetic")).as_py() for table in (found.signals, examined.sifted.aside)),
    )
    return case, found


def _with_suppressed(incident: Incident, aside: pa.Table) -> Incident:
    """Say of an incident that signals on what was traced are suppressed: what hides noise must not hide a part of an attack."""
    traced = set(incident.trace.events) if incident.trace else set[str]()
    count = sum(event in traced for event in aside.column("event_id").to_pylist()) if traced else 0
    why = Note(code="incident.suppressed", arguments={"signals": str(count)})
    return incident.model_copy(update={"why": (*incident.why, why)}) if count else incident


def _with_again(incident: Incident, examined: Examined, signals: pa.Table) -> Incident:
    """Say of an incident what of earlier incidents it names again, and how it stands itself."""
    own = signals.filter(pc.equal(pc.field("incident"), pc.scalar(incident.id)))
    notes = (*again_notes(examined.again, own), *standing_notes(examined.standings.get(incident.id, ())))
    return incident.model_copy(update={"why": (*notes, *incident.why)})


def _followed(examined: Examined, options: Options, world: World) -> Correlated:
    """Take incidents through the flow by rank; one that grew by what its trace showed goes through it once more.

    An incident whose trace leads into one that ranks higher is the same story: it joins that one and disappears.
    """
    found = examined.correlated
    done: list[Incident] = []
    while len(done) < min(len(found.incidents), MOST_TRACED):
        options.progress("follow", len(done))
        place = len(done)
        followed = run(found.incidents[place], _in(world, examined, found))
        grown, place = absorb(found, place, followed.trace.events) if followed.trace else (found, place)
        if grown is not found:
            found = grown
            followed = run(found.incidents[place], _in(world, examined, found))
        done[place : place + 1] = [followed]
    return replace(found, incidents=(*done, *found.incidents[len(done) :]))


def _inventory(examined: Examined, options: Options) -> Callable[[Sequence[str]], Weaknesses]:
    if options.content is None or options.assets is None:
        return no_inventory
    return weaknesses_of(examined.assets.all(), options.content, options.assets.name)


def _world(examined: Examined, options: Options, kept: Kept, out: Path) -> World:
    """Give what steps may ask for, but the signals of incidents: those change while incidents grow."""
    begins, ends = examined.span or (None, None)
    asked = Asked(kept.search, out / ".incoming" / OBSERVED, begins, examined.assets)
    return World(
        search=kept.search,
        signals_of=lambda _: examined.correlated.signals,
        asset_of=examined.assets.of,
        record_end=ends,
        weaknesses_of=_inventory(examined, options),
        catalogue=learnt_attack(options.content),
        watched=watched_by(examined.rules, log_sources(*options.log_sources), examined.log_sources),
        knowing=knowing(options, asked, examined.case, out),
    )


def _in(world: World, examined: Examined, found: Correlated) -> World:
    """Give the world as it is with incidents as they stand now."""

    def signals_of(incident: Incident) -> pa.Table:
        return found.signals.filter(pc.equal(pc.field("incident"), pc.scalar(incident.id)))

    def again(incident: Incident) -> Sequence[Note]:
        return again_notes(examined.again, signals_of(incident))

    return replace(world, signals_of=signals_of, again=again)


def _keep(wanted: Iterable[Query], kept: Kept, incoming: Path, events: Path, keep: Keep) -> None:
    events.mkdir(exist_ok=True)
    for old in events.glob("part-*.parquet"):
        old.unlink()
    shutil.rmtree(events / GRAPH, ignore_errors=True)
    if keep == "all":
        for part in sorted(incoming.glob("part-*.parquet")):
            shutil.move(part, events / part.name)
        if (incoming / GRAPH).is_dir():
            joined(incoming / GRAPH)
            shutil.move(incoming / GRAPH, events / GRAPH)
    else:
        kept.copy(wanted, Keeper(events))


def _keep_observed(incoming: Path, observed: Path) -> None:
    """Keep what all events named, whatever becomes of the events."""
    shutil.rmtree(observed, ignore_errors=True)
    if incoming.is_dir():
        shutil.move(incoming, observed)


def _wanted(case: Case, found: Correlated) -> Iterator[Query]:
    """Ask for every event that fired where a person sees it or is cited, and for what happened around incidents on the same hosts."""
    fired = found.signals.filter(pc.field("shown")).column("event_id").to_pylist()
    ids = tuple(dict.fromkeys(str(event) for event in fired))
    if ids:
        yield Query(ids=ids, limit=len(ids))
    for incident in case.incidents[:MOST_TRACED]:
        cited = cited_events(incident)
        if cited:
            yield Query(ids=cited, limit=len(cited))
        if incident.start and incident.end and incident.hosts:
            yield Query(hosts=incident.hosts, start=incident.start - _AROUND, end=incident.end + _AROUND, limit=_MOST_AROUND)


def cited_events(incident: Incident) -> tuple[str, ...]:
    """Give the ids of the events that an incident's plan, trace and impact point to."""
    ids = [event for action in (incident.plan.actions if incident.plan else ()) for event in action.evidence]
    if incident.trace:
        ids += [event for edge in incident.trace.edges for event in edge.evidence]
        ids += [item.event_id for claim in incident.trace.story for item in claim.evidence]
        ids += incident.trace.events
    if incident.impact:
        ids += [event for touched in (*incident.impact.confirmed, *incident.impact.probable) for event in touched.evidence]
    return tuple(dict.fromkeys(ids))


def _remember(case: Case, examined: Examined, settled: Settled, out: Path, options: Options, state: Place) -> None:
    """Keep the case with its incidents as they were found: edits are applied to them again whenever they are looked at."""
    case_id = examined.case
    with closing(open_store(state)) as store:
        store.save(case_id, case, out, settled.found.incidents)
        store.save_subjects(case_id, settled.subjects)
        store.save_watches(case_id, watches(settled.found.incidents, case_id, case.made, options.watch_days))
        store.keep_meanings(_meanings(examined, store))
        if examined.span:
            store.save_baseline(case_id, examined.span, examined.hosts, examined.correlated.baseline.to_bytes())
    keep_seen(examined.again, settled.found.signals, case_id, state, options.watch_days)


def _meanings(examined: Examined, store: Store) -> dict[str, str]:
    """Give what the rules ask for that fired, or whose meaning is known from before."""
    rules = {rule.id: rule for rule in (*examined.rules.rules, *examined.rules.correlations)}
    fired = {
        str(rule) for table in (examined.correlated.signals, examined.sifted.aside) for rule in table.column("rule").unique().to_pylist()
    }
    return {rule: meaning(rules[rule]) for rule in fired.union(store.meanings(rules)) if rule in rules}

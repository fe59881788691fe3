"""`/api/rules`: which rules run, whether they give signals, how they did, and what they can do on what is kept."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from watchkeeper.api.seat import REFUSALS, Administering, Judging, Paged, Seat, Viewing, filled
from watchkeeper.autopilot import rule_work
from watchkeeper.autopilot.content_folder import LOCAL
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.autopilot.rule_list import rule_line, rule_named, rules_in_force
from watchkeeper.detection import Rule, RuleSet
from watchkeeper.detection.logsources import log_sources
from watchkeeper.model.missing import MissingError
from watchkeeper.model.page import MOST, Page
from watchkeeper.model.record import RuleTrust
from watchkeeper.model.replayed import ReplayTold
from watchkeeper.model.rule_seen import Accepting, FilterProposed, ReachLine, Replaying, RuleFilter, RuleLine, RuleSwitch, Switching
from watchkeeper.model.signal import Signal

router = APIRouter(prefix="/api/rules", tags=["rules"], responses=REFUSALS)
Named = Annotated[
    str, Path(min_length=1, max_length=512, description="Its id, its title, or the first characters of its id.", examples=["0b0a5f2e"])
]
Case = Annotated[str, Query(max_length=64, description="Id of the case whose kept events are meant; default: the newest.")]


@router.get("", summary="List rules")
def listed(seat: Viewing, wanted: Annotated[RuleFilter, Depends(filled(RuleFilter))], page: Paged) -> Page[RuleLine]:
    """List the rules that run, by title."""
    return seat.desk.rules(wanted, page.after, page.limit)


@router.get("/records", summary="How rules did")
def record(seat: Viewing, page: Paged) -> Page[RuleTrust]:
    """Give how every rule did by what people said, those that count least first."""
    return beside(seat.desk.records(), page.after, page.limit)


@router.get("/reach", summary="Which rules can fire")
def reach(seat: Viewing, page: Paged, case: Case = "") -> Page[ReachLine]:
    """Say which rules can fire on the events that a case keeps, and what the others lack."""
    found = rule_work.reach_of(seat.desk.store, _rules(seat), log_sources(*seat.the.options.log_sources), case)
    return beside(found, page.after, page.limit)


@router.post("/replay", summary="Run rules again")
def replay(seat: Judging, asked: Replaying) -> ReplayTold:
    """Run rules over the events that a case keeps, and give the signals that it does not have yet."""
    sources = log_sources(*seat.the.options.log_sources)
    done = rule_work.run_again(seat.desk.store, _rules(seat), sources, asked.rules, asked.case)
    rows = done.signals.slice(0, MOST).to_pylist()
    return ReplayTold(
        signals=tuple(Signal.model_validate(row) for row in rows),
        new=done.signals.num_rows,
        known=done.known,
        events=done.events,
        read=done.read,
        problems=done.problems,
    )


@router.get("/{rule}", summary="One rule")
def one(seat: Viewing, rule: Named) -> RuleLine:
    """Give a rule, whether it gives signals, and how it did."""
    return rule_line(seat.desk.store, _rules(seat), rule)


@router.put("/{rule}/switch", summary="Switch it on or off")
def switched(seat: Judging, rule: Named, asked: Switching) -> RuleSwitch:
    """Say whether a rule gives signals from now on; correlations count what it fires on all the same."""
    return seat.desk.switch(rule, seat.acts(asked.why), on=asked.on)


@router.post("/{rule}/filter", summary="Propose a filter")
def propose(seat: Administering, rule: Named, asked: Accepting) -> FilterProposed:
    """Propose a filter that hides what people judged benign of it and nothing that they judged an attack; keep it if it is proved."""
    found = rule_named(_rules(seat), rule)
    if not isinstance(found, Rule):
        raise MissingError(f"{found.title!r} is a correlation over many events; filters are for the rules that it counts")
    into = seat.the.content / LOCAL if asked.accept else None
    return rule_work.filter_for(seat.desk.store, found, log_sources(*seat.the.options.log_sources), seat.now.date(), into)


def _rules(seat: Seat) -> RuleSet:
    return rules_in_force(seat.the.options)

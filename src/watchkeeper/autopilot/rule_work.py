"""Work with rules on what is kept: reach, running again, proved filters. Owns which case is meant and what is told of it."""

from collections.abc import Collection
from datetime import date
from pathlib import Path

from watchkeeper.autopilot.filter_proposal import Proposal, Tally, propose
from watchkeeper.autopilot.replay import Replayed, kept_batches, replay
from watchkeeper.autopilot.rule_list import rule_named
from watchkeeper.detection import Rule, RuleSet
from watchkeeper.detection.logsources import LogSources
from watchkeeper.detection.reach import Reach
from watchkeeper.model.missing import MissingError
from watchkeeper.model.rule_seen import FilterProposed, FilterTally, ReachLine
from watchkeeper.store import CaseKept, Store


def case_meant(store: Store, case: str) -> CaseKept:
    """Give the case of that id, or the newest that is on disk.

    Raises:
        MissingError: there is none.
    """
    found = next((one for one in store.cases() if (not case or one.id == case) and (one.out / "events").is_dir()), None)
    if found is None:
        raise MissingError(f"no case {case!r} keeps events" if case else "no case keeps events yet; `watchkeeper investigate` makes one")
    return found


def reach_of(store: Store, rules: RuleSet, sources: LogSources, case: str) -> tuple[ReachLine, ...]:
    """Say which rules can fire on the events that a case keeps.

    Raises:
        MissingError: there is no such case.
        ValueError: what it keeps is damaged.
    """
    reach = Reach(rules, sources)
    for batch in kept_batches(case_meant(store, case).out / "events"):
        reach.observe(batch)
    return tuple(
        ReachLine(rule=one.rule, title=one.title, level=one.level, status=one.status, missing=one.missing[:20]) for one in reach.result()
    )


def run_again(store: Store, rules: RuleSet, sources: LogSources, only: Collection[str], case: str) -> Replayed:
    """Run rules over the events that a case keeps, and give the signals that it does not have yet.

    Raises:
        MissingError: there is no such case or rule.
        ValueError: what the case keeps is damaged.
    """
    ids = frozenset(rule_named(rules, one).id for one in only)
    return replay(case_meant(store, case).out, rules, ids or None, sources)


def filter_for(store: Store, rule: Rule, sources: LogSources, today: date, into: Path | None) -> FilterProposed:
    """Propose a filter for a rule; if it is proved and a folder is given, keep it there.

    Raises:
        OSError: the folder cannot be written, or has a filter of that name already.
        ValueError: nobody judged a signal of the rule benign whose event is kept.
    """
    proposal = propose(rule, store, sources, today)
    if proposal is None:
        return FilterProposed(rule=rule.id, text="")
    accepted = ""
    if into is not None and not proposal.objection:
        into.mkdir(parents=True, exist_ok=True)
        accepted = f"filter-{rule.id[:36]}-{today.isoformat()}.yml"
        with (into / accepted).open("x", encoding="utf-8") as file:
            file.write(proposal.text)
    return _told(rule, proposal, accepted)


def _told(rule: Rule, proposal: Proposal, accepted: str) -> FilterProposed:
    return FilterProposed(
        rule=rule.id,
        text=proposal.text,
        benign=_tally(proposal.false),
        attacks=_tally(proposal.true),
        unjudged=_tally(proposal.unjudged),
        objection=proposal.objection,
        accepted=accepted,
    )


def _tally(one: Tally) -> FilterTally:
    return FilterTally(signals=one.signals, kept=one.kept, hidden=one.hidden)

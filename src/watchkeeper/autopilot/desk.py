"""The desk: what a person can do with a tenant's state, by command line and API alike. Owns bringing each act together.

What is refused is a ValueError that says what to do; the acts themselves stand in the modules of their names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from watchkeeper.autopilot import edits as editing
from watchkeeper.autopilot import standings, watch_edits
from watchkeeper.autopilot import suppressions as suppressing
from watchkeeper.autopilot.backwards import Match
from watchkeeper.autopilot.board import board
from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.feedback import subject, would_change
from watchkeeper.autopilot.following import closed, followed_of
from watchkeeper.autopilot.history import rule_called, told_changes
from watchkeeper.autopilot.incident_page import four_questions, page_of
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.rejudging import grounds, reopened
from watchkeeper.autopilot.rule_list import OURS, rule_list, rule_named, rules_in_force
from watchkeeper.autopilot.rule_switches import switch
from watchkeeper.autopilot.signal_list import signals
from watchkeeper.correlation import records
from watchkeeper.correlation.trust import trust
from watchkeeper.model.change import EditDone, FeedbackDone, LookedOut, Resized, Size, StandingDone, SuppressionDone, WatchDone, WatchListed
from watchkeeper.model.edit import Edit, EditMade
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.model.page import Page
from watchkeeper.model.record import RuleTrust
from watchkeeper.model.remark import Remark, RemarkKind
from watchkeeper.model.reopened import Reopened
from watchkeeper.model.rule_seen import RuleFilter, RuleLine, RuleSwitch
from watchkeeper.model.signal_placed import SignalFilter, SignalPlaced
from watchkeeper.model.summary import IncidentFilter, IncidentSummary
from watchkeeper.model.suppression import Suppression
from watchkeeper.model.told import FourQuestions, IncidentSeen
from watchkeeper.model.verdict import HARMLESS, Outcome
from watchkeeper.store import Store

MOST_SEEN = 10
"""Sightings in earlier cases that are told."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at the state of one tenant."""

    store: Store
    state: Path
    """The state folder: installed intelligence lies in it."""
    watch_days: int = 90
    """How long something is looked out for unless a person says otherwise."""
    options: Options = OURS
    """Which rules run."""

    def incidents(self, wanted: IncidentFilter, after: str, limit: int) -> Page[IncidentSummary]:
        """Give a page of incidents in lines."""
        return board(self.store, wanted, after, limit)

    def signals(self, wanted: SignalFilter, after: str, limit: int) -> Page[SignalPlaced]:
        """Give a page of signals, newest first."""
        return signals(self.store, wanted, after, limit)

    def edits(self) -> tuple[EditMade, ...]:
        """Give the merges and splits in force, and whether what they speak of is still there."""
        lost = {edit.number for edit in editing.seen(self.store).unapplied}
        return tuple(EditMade(edit=one, applies=one.number not in lost) for one in self.store.edits() if one.undone is None)

    def reopened(self) -> tuple[Reopened, ...]:
        """Give what people closed and something speaks against now."""
        return reopened(self.store, self._intel)

    def close(self, incident: str, who: Who) -> StandingDone:
        """Close an incident."""
        before = self._followed()
        return self._stood(standings.close(self.store, incident, who), before)

    def reopen(self, incident: str, who: Who) -> StandingDone:
        """Open an incident again."""
        before = self._followed()
        return self._stood(standings.reopen(self.store, incident, who), before)

    def merge(self, into: str, other: str, who: Who, *, keep: bool) -> EditDone:
        """Merge two incidents."""
        return self._edit(editing.merge(self.store, into, other, who), keep=keep)

    def split(self, incident: str, leaving: tuple[Sequence[str], str], who: Who, *, keep: bool) -> EditDone:
        """Split folds, or those of a host, off an incident."""
        return self._edit(editing.split(self.store, incident, *leaving, who), keep=keep)

    def undo(self, kind: Literal["merge", "split"], incident: str, *, keep: bool) -> EditDone:
        """Take back the last merge or split that an incident took part in."""
        return self._edit(editing.undo(self.store, kind, incident, datetime.now(UTC)), keep=keep)

    def feedback(self) -> tuple[Feedback, ...]:
        """Give everything that people said."""
        return self.store.feedback()

    def judge(self, start: str, verdict: Outcome, who: Who, *, keep: bool) -> FeedbackDone:
        """Keep what a person holds an incident or session to be, or say what that would have changed."""
        if not who.why.strip():
            raise ValueError("say why with --why")
        found = subject(self.store, start)
        words = Feedback(
            about=found.about,
            subject=found.id,
            verdict=verdict,
            why=who.why,
            by=who.by,
            time=who.time,
            folds=found.folds,
            grounds=grounds(self.store, found.folds, self._intel) if verdict in HARMLESS else None,
        )
        if not keep:
            return FeedbackDone(
                words=words, title=found.title, kept=False, changes=told_changes(would_change(words, self.store), self.store)
            )
        self.store.add_feedback(words)
        return FeedbackDone(words=words, title=found.title, kept=True, to_review=len(self.reopened()))

    def suppressions(self) -> tuple[Suppression, ...]:
        """Give every suppression that ever was."""
        return self.store.suppressions()

    def suppress(self, asked: suppressing.Asked, *, keep: bool) -> SuppressionDone:
        """Keep a suppression, unless it hides what people judged an attack; say what it would have hidden."""
        rule = rule_called(self.store, asked.rule) if asked.rule else ""
        made = suppressing.suppression(replace(asked, rule=rule), self.store, datetime.now(UTC))
        changes = told_changes(suppressing.would_hide(made, self.store), self.store)
        if true := sum(change.true for change in changes.told):
            refused = f"{true} of these signals are of what people judged an attack; say more exactly, with --where, what is noise"
            return SuppressionDone(suppression=made, changes=changes, kept=False, refused=refused)
        if keep:
            self.store.keep_suppression(made)
        return SuppressionDone(suppression=made, changes=changes, kept=keep)

    def end_suppression(self, start: str) -> Suppression:
        """End the suppression whose id begins so."""
        return suppressing.end(self.store, start, datetime.now(UTC))

    def watches(self, incident: str = "") -> tuple[tuple[WatchListed, ...], int]:
        """Give what is or was looked out for because of incidents that begin so, and how many things are too many to be."""
        every = [one for one in self.store.watches() if one.incident.startswith(incident)]
        following = followed_of(every, self.store, datetime.now(UTC))
        live = {one.id for watches in following.by_rule.values() for one in watches}
        return tuple(WatchListed(watch=one, live=one.id in live) for one in every), following.beyond

    def watch(self, incident: str, wanted: watch_edits.Wanted, who: Who) -> WatchDone:
        """Look out for something, and say where earlier cases had seen it."""
        watch, matches = watch_edits.add(self.store, incident, wanted, who)
        return WatchDone(watch=watch, seen=tuple(map(_looked_out, matches[:MOST_SEEN])), more=max(0, len(matches) - MOST_SEEN))

    def unwatch(self, start: str, who: Who) -> WatchDone:
        """Look out for something no longer."""
        return WatchDone(watch=watch_edits.remove(self.store, start, who))

    def rules(self, wanted: RuleFilter, after: str, limit: int) -> Page[RuleLine]:
        """Give a page of the rules that run, by title."""
        return rule_list(self.store, rules_in_force(self.options), wanted, after, limit)

    def switch(self, rule: str, who: Who, *, on: bool) -> RuleSwitch:
        """Say whether a rule gives signals from now on."""
        found = rule_named(rules_in_force(self.options), rule)
        said = RuleSwitch(rule=found.id, on=on, by=who.by, why=who.why, time=who.time)
        switch(self.store, said)
        return said

    def records(self) -> tuple[RuleTrust, ...]:
        """Give how every rule did by what people said, those that count least first."""
        found = [RuleTrust(record=one, trust=trust(one)) for one in records(self.store.feedback()).values()]
        return tuple(sorted(found, key=lambda one: (one.trust, one.record.rule)))

    def questions(self, incident: str, lang: Language) -> FourQuestions:
        """Answer the four questions about an incident."""
        found = editing.incident_called(self.store, incident)
        return four_questions(found, editing.seen(self.store).incidents, lang)

    def incident(self, incident: str) -> IncidentSeen:
        """Give an incident, and how it stands."""
        return page_of(self.store, incident)

    def remark(self, incident: str, kind: RemarkKind, text: str, who: Who) -> Remark:
        """Keep a comment, or who works on an incident."""
        found = editing.incident_called(self.store, incident)
        remark = Remark(incident=found.id, kind=kind, text=text, by=who.by, time=who.time)
        self.store.keep_remark(remark)
        return remark

    @property
    def _intel(self) -> Path:
        return self.state / "intel"

    def _followed(self) -> int:
        return sum(map(len, followed_of(self.store.watches(), self.store, datetime.now(UTC)).by_rule.values()))

    def _stood(self, standing: standings.Standing, before: int) -> StandingDone:
        return StandingDone(standing=standing, followed=self._followed() - before, is_closed=standing.incident in closed(self.store))

    def _edit(self, edit: Edit, *, keep: bool) -> EditDone:
        before = {one.id: one for one in editing.without_edit(self.store, edit).incidents}
        after = {one.id: one for one in editing.with_edit(self.store, edit).incidents}
        if keep:
            self.store.keep_edit(edit)
        return EditDone(edit=edit, resized=tuple(_resized(before, after)), kept=keep)


def _resized(before: dict[str, Incident], after: dict[str, Incident]) -> Iterator[Resized]:
    for name in dict.fromkeys((*before, *after)):
        was, now = _size(before.get(name)), _size(after.get(name))
        if (was and (was.folds, was.signals)) != (now and (now.folds, now.signals)):
            yield Resized(id=name, before=was, after=now)


def _size(one: Incident | None) -> Size | None:
    return Size(title=one.title, folds=len(one.folds), signals=sum(fold.count for fold in one.folds)) if one else None


def _looked_out(match: Match) -> LookedOut:
    return LookedOut(case=Path(match.case).name, value=match.value, count=match.count, since=match.since, hosts=match.hosts)

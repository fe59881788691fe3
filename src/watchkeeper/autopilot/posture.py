"""The week's posture: what management and the next week have to know. Owns what counts for it; how it reads is reporting's."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import get_args

from watchkeeper.attack import TACTICS, tactic
from watchkeeper.autopilot.acted import lines as action_lines
from watchkeeper.autopilot.action_figures import Period
from watchkeeper.autopilot.board import with_lines
from watchkeeper.autopilot.metrics import MOST, metrics
from watchkeeper.model.acted import Acted, ActionLine
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.posture import Counted, OpenQuestion, Posture, RuleNoise
from watchkeeper.model.summary import IncidentFilter, IncidentSummary
from watchkeeper.model.verdict import ATTACK, Outcome
from watchkeeper.store import Store

WEEK = timedelta(days=7)
_LATE = timedelta(hours=1)
"""How long after the end of a week it still says something which sources are silent: that is measured as things stand."""
MOST_ACTIONS, MOST_RULES, MOST_QUESTIONS = 100, 20, 30
_ASKED_OF_ONE = 2
"""Questions that one incident may raise here; its own report has all."""
_Seen = Sequence[tuple[Incident, IncidentSummary]]


@dataclass(frozen=True, slots=True)
class Week:
    """What is asked of a week."""

    until: datetime
    now: datetime
    lang: Language
    silent: tuple[str, ...] | None
    """Names of sources that are silent now; none where nobody knows."""
    length: timedelta = WEEK

    @property
    def this(self) -> Period:
        """The week itself."""
        return Period(self.until - self.length, self.until)

    @property
    def before(self) -> Period:
        """As long a time right before it."""
        return Period(self.until - 2 * self.length, self.until - self.length)


def posture(store: Store, found: Acted | None, week: Week) -> Posture:
    """Say how a week went beside the one before."""
    mine, earlier = _shown(store, week.this), _shown(store, week.before)
    actions = _actions(found, week.this)
    questions = [*_waiting(actions, mine), *_open(mine)]
    return Posture(
        tenant=store.tenant,
        since=week.until - week.length,
        until=week.until,
        made=week.now,
        figures=metrics(store, week.this, found, week.lang),
        before=metrics(store, week.before, found, week.lang),
        incidents=Counted(name="shown", count=len(mine), before=len(earlier)),
        outcomes=_counted(get_args(Outcome), _outcomes(mine), _outcomes(earlier)),
        tactics=_counted(TACTICS, _tactics(mine), _tactics(earlier)),
        actions=tuple(actions[:MOST_ACTIONS]),
        more_actions=max(0, len(actions) - MOST_ACTIONS),
        demotions=tuple(one for one in (found.levels if found else ()) if one.by == "system" and week.this.has(one.time)),
        silent=week.silent if week.now - week.until <= _LATE else None,
        noise=_noise(store, week.this),
        questions=tuple(questions[:MOST_QUESTIONS]),
        more_questions=max(0, len(questions) - MOST_QUESTIONS),
        synthetic=any(one.synthetic for one, _ in mine),
    )


def _shown(store: Store, period: Period) -> _Seen:
    wanted = IncidentFilter(since=period.since, until=period.until, shown=True, sort="score")
    return tuple(islice(with_lines(store, wanted), MOST))


def _outcomes(seen: _Seen) -> Counter[str]:
    return Counter(_outcome(line) for _, line in seen)


def _outcome(line: IncidentSummary) -> str:
    """Give what people last held an incident to be; where nobody spoke, what triage did."""
    said = line.said[-1].verdict if line.said else line.verdict
    return said or "undetermined"


def _tactics(seen: _Seen) -> Counter[str]:
    return Counter(name for incident, _ in seen for name in {tactic(one) for one in incident.tactics})


def _counted(names: Sequence[str], now: Counter[str], before: Counter[str]) -> tuple[Counted, ...]:
    return tuple(Counted(name=name, count=now[name], before=before[name]) for name in names if now[name] or before[name])


def _actions(found: Acted | None, period: Period) -> list[ActionLine]:
    every = action_lines(found) if found else ()
    made = {one.id: one.made for one in (found.records if found else ())}
    return [one for one in every if period.has(made[one.id]) or period.has(one.changed)]


@dataclass(slots=True)
class _Fired:
    title: str = ""
    signals: int = 0
    incidents: set[str] = field(default_factory=set[str])
    benign: set[str] = field(default_factory=set[str])
    attacks: set[str] = field(default_factory=set[str])


def _noise(store: Store, period: Period) -> tuple[RuleNoise, ...]:
    """Give the rules with the most signals in incidents of a time, whether a person sees these or not."""
    by_rule: defaultdict[str, _Fired] = defaultdict(_Fired)
    for incident, line in islice(with_lines(store, IncidentFilter(since=period.since, until=period.until)), MOST):
        said = line.said[-1].verdict if line.said else None
        for fold in incident.folds:
            fired = by_rule[fold.rule]
            fired.title, fired.signals = fold.title, fired.signals + fold.count
            fired.incidents.add(incident.id)
            if said == "benign":
                fired.benign.add(incident.id)
            elif said in ATTACK:
                fired.attacks.add(incident.id)
    loudest = sorted(by_rule.items(), key=lambda pair: (-pair[1].signals, pair[0]))[:MOST_RULES]
    return tuple(
        RuleNoise(
            rule=rule, title=one.title, signals=one.signals, incidents=len(one.incidents), benign=len(one.benign), attacks=len(one.attacks)
        )
        for rule, one in loudest
    )


def _waiting(actions: Sequence[ActionLine], seen: _Seen) -> Iterator[OpenQuestion]:
    titles = {incident.id: incident.title for incident, _ in seen}
    for one in actions:
        if one.state == "waiting":
            what = Note(code="week.question.waiting", arguments={"count": str(one.count), "target": one.targets[0].value})
            yield OpenQuestion(incident=one.incident, title=titles.get(one.incident, ""), question=what)


def _open(seen: _Seen) -> Iterator[OpenQuestion]:
    for incident, line in seen:
        if line.status == "closed":
            continue
        if _outcome(line) == "undetermined":
            yield OpenQuestion(incident=incident.id, title=incident.title, question=Note(code="week.question.undetermined"))
        for note in (incident.verdict.missing if incident.verdict else ())[:_ASKED_OF_ONE]:
            yield OpenQuestion(incident=incident.id, title=incident.title, question=note)

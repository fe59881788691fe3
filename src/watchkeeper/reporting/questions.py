"""The four questions of an incident: where from, did it succeed, what to do, what else. Owns choosing the facts; it judges nothing anew."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from watchkeeper.model.impact import Touched, Weaknesses
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.reporting.sentences import word
from watchkeeper.reporting.times import moment, percent

MOST = 4
"""How many facts stand under one answer; the sections below the answers hold all."""
_MOST_CVES = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """One question with its answer in a sentence and the facts it rests on."""

    question: str
    """Code of the question in the lexicon."""
    headline: Note
    facts: tuple[Note, ...]


def answers(incident: Incident, others: Iterable[Incident], lang: Language) -> tuple[Answer, Answer, Answer, Answer]:
    """Answer the four questions from the results of the steps; a step without a result is said to have none.

    `others` are the incidents that were found with it, it may be among them.
    """
    return (_origin(incident, lang), _success(incident, lang), _response(incident), _elsewhere(incident, others))


def _note(code: str, **arguments: str) -> Note:
    return Note(code=code, arguments=arguments)


def _origin(incident: Incident, lang: Language) -> Answer:
    trace = incident.trace
    if trace is None:
        return Answer("question.origin", _note("answer.origin.failed"), tuple(_weak(incident.weaknesses))[:MOST])
    entry = next((node for node in trace.nodes if node.id == trace.entry), None)
    attackers = ", ".join(f"{word(f'kind.{entity.kind}', lang)} {entity.value}" for entity in trace.attackers[:6])
    facts = [trace.entry_note, _note("answer.origin.attackers", list=attackers) if attackers else _note("answer.origin.nobody")]
    facts = [*facts, *_weak(incident.weaknesses)][:MOST]
    if entry is None:
        return Answer("question.origin", _note("answer.origin.untraced"), tuple(facts))
    code = "answer.origin.host" if entry.host else "answer.origin.outside"
    kind = word(f"kind.{entry.kind}", lang)
    return Answer("question.origin", _note(code, label=entry.label, what=kind, host=entry.host, time=moment(entry.time)), tuple(facts))


def _weak(weaknesses: Weaknesses | None) -> Iterator[Note]:
    """Say what was open on the hosts it concerns; whether it was the way in, nothing shows."""
    for item in weaknesses.items if weaknesses else ():
        code = "answer.origin.weak-affected" if item.is_affected else "answer.origin.weak-unknown"
        cves = ", ".join(item.cves[:_MOST_CVES]) + (", …" if len(item.cves) > _MOST_CVES else "")
        yield _note(code, host=item.host, software=item.software, cves=cves, source=weaknesses.source if weaknesses else "")


def _success(incident: Incident, lang: Language) -> Answer:
    verdict, impact = incident.verdict, incident.impact
    facts: list[Note] = [_named("answer.touched.confirmed", impact.confirmed), *_bounds(impact.probable, impact.possible)] if impact else []
    if verdict is None:
        return Answer("question.success", _note("answer.success.failed"), tuple(facts))
    sure = percent(verdict.confidence)
    leading = word(f"hypothesis.{verdict.hypothesis}", lang)
    headline = _note(f"answer.success.{verdict.outcome}", confidence=sure)
    return Answer("question.success", headline, (_note("answer.success.hypothesis", hypothesis=leading), *facts)[:MOST])


def _named(code: str, touched: tuple[Touched, ...]) -> Note:
    if not touched:
        return _note(f"{code}-none")
    worst = sorted(touched, key=lambda item: -item.criticality)
    names = ", ".join(item.entity.value for item in worst[:5]) + (", …" if len(worst) > 5 else "")
    return _note(code, count=str(len(touched)), list=names)


def _bounds(probable: tuple[Touched, ...], possible: tuple[Touched, ...]) -> tuple[Note, ...]:
    return (_note("answer.touched.beyond", probable=str(len(probable)), possible=str(len(possible))),) if probable or possible else ()


def _response(incident: Incident) -> Answer:
    plan = incident.plan
    if plan is None:
        return Answer("question.response", _note("answer.response.failed"), ())
    first = {action.name: action.do for action in reversed(plan.actions)}
    kinds = dict.fromkeys(action.name for action in plan.actions)
    facts = (*[first[name] for name in kinds][: MOST - 1], *plan.manual)[:MOST]
    if not plan.actions:
        return Answer(
            "question.response", _note("answer.response.manual" if plan.manual else "answer.response.none"), facts or plan.withheld[:MOST]
        )
    executed = incident.verification.executed if incident.verification else 0
    return Answer("question.response", _note("answer.response.actions", count=str(len(plan.actions)), executed=str(executed)), facts)


def _alike(incident: Incident) -> Iterator[Note]:
    """Say that groups were compared; no name, since none is more than a guess."""
    compared = incident.outlook.comparison if incident.outlook else None
    if compared and compared.candidates:
        most = percent(max(one.mass for one in compared.candidates))
        yield _note("answer.else.alike", groups=str(compared.groups), none=percent(compared.none_of_these), most=most)
    elif compared:
        yield _note("answer.else.nobody", groups=str(compared.groups))


def _elsewhere(incident: Incident, others: Iterable[Incident]) -> Answer:
    related = [other for other in others if other.id != incident.id and set(other.hosts) & set(incident.hosts)]
    facts = [_note("answer.else.incident", rank=str(other.rank), title=other.title) for other in related[:2]]
    facts += incident.trace.unknowns[:2] if incident.trace else ()
    facts = [*facts[: MOST - 1], *_alike(incident)]
    if incident.watchlist is None:
        return Answer("question.else", _note("answer.else.failed"), tuple(facts))
    seen = [item for item in incident.watchlist.items if item.sightings]
    if not seen:
        return Answer("question.else", _note("answer.else.quiet", count=str(len(incident.watchlist.items))), tuple(facts[:MOST]))
    hosts = list(dict.fromkeys(host for item in seen for host in item.hosts))
    named = ", ".join(hosts[:5]) + (", …" if len(hosts) > 5 else "")
    code = "answer.else.seen-hosts" if hosts else "answer.else.seen"
    headline = _note(code, sightings=str(sum(item.sightings for item in seen)), hosts=named)
    return Answer("question.else", headline, tuple(facts[:MOST]))

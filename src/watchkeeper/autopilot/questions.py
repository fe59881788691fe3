"""Questions to people: asking them for a step of a playbook, listing and answering. Owns no deadline: the flow has it."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.playbooks.wording import filled
from watchkeeper.model.asset import Asset
from watchkeeper.model.audit import Happened
from watchkeeper.model.incident import Incident
from watchkeeper.model.missing import MissingError
from watchkeeper.model.playbook import Ask
from watchkeeper.model.question import Answer, AnswerWay, Option, Question, question_id
from watchkeeper.store import Store
from watchkeeper.store.audit import AuditLog

_MOST_OWNERS = 5
AssetOf = Callable[[str], Asset]


def ask(store: Store, incident: Incident, step: tuple[Ask, str, str], asset_of: AssetOf, now: datetime) -> Question:
    """Ask people what a step asks, given as the step, its key and its playbook's name; the same key again asks nothing more."""
    asking, key, playbook = step
    owners = (asset_of(host).owner for host in incident.hosts) if asking.to == "owner" else ()
    question = Question(
        id=question_id(store.tenant, incident.id, key),
        incident=incident.id,
        title=incident.title,
        playbook=playbook,
        key=key,
        to=asking.to,
        owners=tuple(dict.fromkeys(owner for owner in owners if owner))[:_MOST_OWNERS],
        question=filled(asking.question, incident),
        options=tuple(Option(name=one.name, said=filled(one.said, incident)) for one in asking.choices),
        default=asking.default,
        asked=now,
        deadline=now + timedelta(seconds=asking.within_seconds),
    )
    return store.keep_question(question)


def answers_of(store: Store, incident: str) -> Mapping[str, str]:
    """Give what was answered to questions about an incident: names of choices by the question's id."""
    return {one.id: one.answer.choice for one in store.questions(incident) if one.answer}


def listed(store: Store, now: datetime, incident: str = "", *, everything: bool = False) -> tuple[Question, ...]:
    """Give the questions that can be answered now, the newest first; or everything that was ever asked."""
    return store.questions(incident, None if everything else now)


def answer(store: Store, audit: AuditLog, said: tuple[str, str], who: Who, way: AnswerWay) -> Question:
    """Keep a person's answer, given as the beginning of the question's id and the choice; the audit log tells of it.

    Raises:
        MissingError: no question, or more than one, begins so.
        ValueError: it was answered before, its time is up, or the answer is none of its choices.
    """
    start, choice = said
    found = store.questions_called(start) if start else ()
    if len(found) != 1:
        many = "more than one question begins" if found else "no question begins"
        raise MissingError(f"{many} with {start[:40]!r}; `watchkeeper questions list` names them")
    told = Answer(choice=choice, by=who.by, time=who.time, way=way, why=who.why)
    happened = Happened(time=who.time, tenant=store.tenant, who=who.by, what="question answered", on=found[0], note=choice)
    return store.noting(audit, happened).answer_question(found[0], told)

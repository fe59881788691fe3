"""An incident's page: questions, story, graph, course, evidence, from what is kept. Owns bringing them together, no judgement."""

from collections.abc import Iterator, Sequence

from watchkeeper.autopilot.board import summary
from watchkeeper.autopilot.edits import incident_called
from watchkeeper.autopilot.investigation import cited_events
from watchkeeper.model.claim import Claim
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.model.page import Page, cursor, place
from watchkeeper.model.query import Query, Search
from watchkeeper.model.told import Answered, FourQuestions, Graph, Happening, IncidentSeen, Sentence, Story
from watchkeeper.model.watch import Standing
from watchkeeper.reporting.questions import answers
from watchkeeper.reporting.sentences import say, word
from watchkeeper.reporting.story import opening
from watchkeeper.store import Store

MOST_CITED = 20_000
"""Events that the evidence of one incident is taken from."""
_FEW = 5


def page_of(store: Store, start: str) -> IncidentSeen:
    """Give the incident whose id begins so, and how it stands.

    Raises:
        MissingError: there is none, or more than one.
    """
    incident = incident_called(store, start)
    return IncidentSeen(summary=summary(store, incident), incident=incident, flow=store.flow(incident.id))


def four_questions(incident: Incident, others: Sequence[Incident], lang: Language) -> FourQuestions:
    """Answer the four questions; `others` are the incidents that were found beside it."""
    told = (
        Answered(question=word(one.question, lang), headline=say(one.headline, lang), facts=tuple(say(fact, lang) for fact in one.facts))
        for one in answers(incident, others, lang)
    )
    return FourQuestions(incident=incident.id, lang=lang, answers=tuple(told))


def story_of(incident: Incident, lang: Language) -> Story:
    """Tell the story of an incident; one that was not traced has no sentences."""
    trace = incident.trace
    return Story(
        incident=incident.id,
        lang=lang,
        opening=tuple(_sentence(one.claim, lang) for one in opening(trace)) if trace else (),
        sentences=tuple(_sentence(claim, lang) for claim in trace.story) if trace else (),
        dropped=trace.dropped_claims if trace else 0,
        unknowns=tuple(say(note, lang) for note in trace.unknowns) if trace else (),
    )


def graph_of(incident: Incident) -> Graph:
    """Give the graph of an incident; one that was not traced has an empty one."""
    trace = incident.trace
    return Graph(
        incident=incident.id,
        nodes=trace.nodes if trace else (),
        edges=trace.edges if trace else (),
        entry=trace.entry if trace else None,
    )


def course_of(store: Store, incident: Incident, lang: Language, after: str, limit: int) -> Page[Happening]:
    """Give what was seen and what people did, in time order, so many after a cursor.

    Raises:
        ValueError: the cursor is none of this list.
    """
    begins = place(after, int) if after else (0,)
    every = sorted(_happenings(store, incident, lang), key=lambda one: (one.time, one.kind, one.text))
    first = int(begins[0])
    page = every[first : first + limit]
    return Page(items=tuple(page), next=cursor(first + limit) if len(every) > first + limit else "")


def evidence_of(incident: Incident, search: Search, after: str, limit: int) -> Page[Event]:
    """Give the events that an incident rests on, in the order in which it cites them, so many after a cursor.

    Raises:
        ValueError: the cursor is none of this list.
    """
    ids = evidence_ids(incident)
    first = int(place(after, int)[0]) if after else 0
    wanted = ids[first : first + limit]
    found = {event.id: event for event in search(Query(ids=wanted, limit=len(wanted)))} if wanted else {}
    items = tuple(found[one] for one in wanted if one in found)
    return Page(items=items, next=cursor(first + limit) if len(ids) > first + limit else "")


def evidence_ids(incident: Incident) -> tuple[str, ...]:
    """Give the ids of the events that an incident cites; of one that was not followed, none: its signals have them."""
    return cited_events(incident)[:MOST_CITED]


def _sentence(claim: Claim, lang: Language) -> Sentence:
    return Sentence(
        text=say(claim, lang),
        time=claim.time,
        host=claim.host,
        tactic=claim.tactic,
        techniques=claim.techniques,
        events=tuple(item.event_id for item in claim.evidence),
    )


def _happenings(store: Store, incident: Incident, lang: Language) -> Iterator[Happening]:
    for fold in incident.folds:
        if fold.first:
            yield Happening(
                time=fold.first, kind="signals", text=fold.title, host=fold.host, level=fold.level, count=fold.count, last=fold.last
            )
    for claim in incident.trace.story if incident.trace else ():
        if claim.time:
            events = tuple(item.event_id for item in claim.evidence[:_FEW])
            yield Happening(time=claim.time, kind="story", text=say(claim, lang), host=claim.host, events=events)
    yield from _done(store, incident, lang)


def _done(store: Store, incident: Incident, lang: Language) -> Iterator[Happening]:
    for remark in store.remarks_on(incident.id):
        yield Happening(time=remark.time, kind=remark.kind, text=remark.text, by=remark.by)
    for words in store.feedback():
        if words.subject == incident.id:
            text = f"{word(f'outcome.{words.verdict}', lang)}: {words.why}"
            yield Happening(time=words.time, kind="verdict", text=text, by=words.by)
    for standing in store.standings().get(incident.id, ()):
        yield _stood(standing)


def _stood(standing: Standing) -> Happening:
    text = standing.why or ", ".join(one.entity.value for one in standing.seen)
    return Happening(time=standing.time, kind=standing.state, text=text, by=standing.by)

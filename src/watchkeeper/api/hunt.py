"""`/api/hunt` and `/api/hunts`: questions in SQL over kept events, and the hypotheses that can be asked of them."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from fastapi.responses import StreamingResponse

from watchkeeper.api.seat import REFUSALS, Hunting, Paged, Responses, Seat, Viewing
from watchkeeper.autopilot.hunting import Asking, hunt, hunts_of
from watchkeeper.autopilot.incident_record import beside
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.rule_work import case_meant
from watchkeeper.autopilot.sql_desk import BusyError, Question
from watchkeeper.autopilot.sql_rows import MEDIA, as_answer
from watchkeeper.lake import Answer, Limits
from watchkeeper.lake.exporting import exported
from watchkeeper.model.asked_sql import Exporting, Questioning, SqlAnswer, Stopped
from watchkeeper.model.hunt import Hunt, HuntAsked, HuntResult
from watchkeeper.model.page import Page

router = APIRouter(prefix="/api", tags=["hunting"], responses=REFUSALS)
Id = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$", description="The name that the question was given.", examples=["7f3a"])]
Technique = Annotated[str, Query(pattern=r"^(|T\d{4}(\.\d{3})?)$", description="Only hunts for this ATT&CK technique.")]
_WRITTEN: Responses = {
    200: {
        "description": "The rows, in the form that was asked for.",
        "content": {media.partition(";")[0]: {"schema": {"type": "string"}} for media in MEDIA.values()},
    }
}


@router.post("/hunt", summary="Ask in SQL")
def ask(seat: Hunting, asked: Questioning) -> SqlAnswer:
    """Answer a question in SQL over the tenant's events: read-only, over views, within limits of time, memory and rows."""
    return as_answer(answered(seat, asked))


@router.post("/hunt/export", summary="Ask and write down", response_class=StreamingResponse, responses=_WRITTEN)
def export(seat: Hunting, asked: Exporting) -> StreamingResponse:
    """Answer a question in SQL as JSON lines, CSV or Parquet; the header `X-More` says whether a limit left rows out."""
    answer = answered(seat, asked)
    headers = {
        "Content-Disposition": f'attachment; filename="hunt.{asked.form}"',
        "X-More": str(answer.more).lower(),
        "X-Seconds": f"{answer.seconds:.3f}",
        "X-Files": str(answer.files),
    }
    return StreamingResponse(exported(answer.rows, asked.form), media_type=MEDIA[asked.form], headers=headers)


@router.delete("/hunt/{question}", summary="Stop a question")
def stop(seat: Hunting, question: Id) -> Stopped:
    """Stop a question of yours that is running."""
    return Stopped(stopped=seat.the.sql is not None and seat.the.sql.stop(seat.who.tenant, seat.who.name, question))


@router.get("/hunts", summary="List hunts")
def hunts(_: Viewing, page: Paged, technique: Technique = "") -> Page[Hunt]:
    """List the hypotheses that can be asked."""
    every = hunts_of(())
    chosen = every.about(technique) if technique else every
    return beside([one.hunt for one in chosen.asked], page.after, page.limit)


@router.post("/hunts/{name}", summary="Ask a hunt")
def named(seat: Hunting, name: Annotated[str, Path(max_length=100, examples=["new-services"])], asked: HuntAsked) -> HuntResult:
    """Ask a hypothesis of the events that a case keeps: what was found, what speaks for and against it, where it cannot be answered."""
    chosen = hunts_of(()).chosen((name,))
    case = case_meant(seat.desk.store, asked.case)
    return hunt(Asking(chosen, asked.lang, asked.usual_until), Options(paths=(case.out,))).results[0]


def answered(seat: Seat, asked: Questioning | Exporting) -> Answer:
    """Answer a question over the events of the tenant that it is asked about.

    Raises:
        HTTPException: 503 where no events are kept, 429 where too many questions run.
        ValueError: it is none that may be asked.
    """
    if seat.the.sql is None:
        raise HTTPException(503, "no events are kept here that could be asked", {"Retry-After": "60"})
    limits = Limits(rows=asked.rows, seconds=asked.seconds)
    question = Question(asked.sql, seat.who.tenant, seat.who.name, asked.id, limits, (asked.since, asked.until))
    try:
        return seat.the.sql.ask(question)
    except BusyError as error:
        raise HTTPException(429, str(error), {"Retry-After": "10"}) from error

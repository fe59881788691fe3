"""`/api/entities`: what is known of a host, user, address, hash or other thing, and its events."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import AwareDatetime

from watchkeeper.api.hunt import answered
from watchkeeper.api.seat import REFUSALS, Hunting, Viewing
from watchkeeper.autopilot.entity_page import entity_seen, events_sql
from watchkeeper.autopilot.sql_rows import as_answer
from watchkeeper.model.asked_sql import Questioning, SqlAnswer
from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.entity_seen import EntitySeen

router = APIRouter(prefix="/api/entities", tags=["entities"], responses=REFUSALS)
Kind = Annotated[EntityKind, Path(description="What sort of thing it is.")]
Value = Annotated[str, Query(min_length=1, max_length=1_000, description="Its name.", examples=["ws1"])]


@router.get("/{kind}", summary="What is known of it")
def one(seat: Viewing, kind: Kind, value: Value) -> EntitySeen:
    """Say what people told of it, which incidents it is in, who looks out for it and where cases observed it."""
    return entity_seen(seat.desk, Entity(kind=kind, value=value))


@router.get("/{kind}/events", summary="Its events")
def events(
    seat: Hunting,
    kind: Kind,
    value: Value,
    since: Annotated[AwareDatetime | None, Query(description="Not earlier than this.")] = None,
    until: Annotated[AwareDatetime | None, Query(description="Not later than this.")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000, description="Events at most, the newest.")] = 200,
) -> SqlAnswer:
    """Give its events of a time range out of everything that was received, newest first; `until` of the last one gives the next."""
    asked = Questioning(sql=events_sql(Entity(kind=kind, value=value), limit), since=since, until=until, rows=limit)
    return as_answer(answered(seat, asked))

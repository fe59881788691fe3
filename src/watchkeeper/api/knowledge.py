"""`/api/knowledge`: what ATT&CK says of techniques and groups."""

from typing import Annotated

from fastapi import APIRouter, Path

from watchkeeper.api.seat import REFUSALS, Viewing
from watchkeeper.autopilot.known import group_told, technique_told
from watchkeeper.model.known import GroupTold, TechniqueTold

router = APIRouter(prefix="/api/knowledge", tags=["knowledge"], responses=REFUSALS)
Technique = Annotated[str, Path(pattern=r"^[Tt]\d{4}(\.\d{3})?$", description="Id of a technique.", examples=["T1059.001"])]
Group = Annotated[str, Path(min_length=1, max_length=200, description="Id or name, or another name, in any case.", examples=["APT29"])]


@router.get("/techniques/{technique}", summary="A technique")
def technique(seat: Viewing, technique: Technique) -> TechniqueTold:
    """Say what a technique is, and who is known to use it."""
    return technique_told(technique, seat.the.content)


@router.get("/groups/{group}", summary="A group")
def group(seat: Viewing, group: Group) -> GroupTold:
    """Say what is known of a group, a campaign or software."""
    return group_told(group, seat.the.content)

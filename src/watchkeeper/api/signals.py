"""`/api/signals`: what rules and other products said of events."""

from typing import Annotated

from fastapi import APIRouter, Depends

from watchkeeper.api.seat import REFUSALS, Paged, Viewing, filled
from watchkeeper.model.page import Page
from watchkeeper.model.signal_placed import SignalFilter, SignalPlaced

router = APIRouter(prefix="/api/signals", tags=["signals"], responses=REFUSALS)


@router.get("", summary="List signals")
def signals(seat: Viewing, wanted: Annotated[SignalFilter, Depends(filled(SignalFilter))], page: Paged) -> Page[SignalPlaced]:
    """List signals that fit, newest first, those without a time last."""
    return seat.desk.signals(wanted, page.after, page.limit)

"""`/api/me`: who one is here."""

from typing import Annotated

from fastapi import APIRouter, Depends

from watchkeeper.api.guard import allowed
from watchkeeper.model.principal import Principal

router = APIRouter(prefix="/api/me", tags=["me"])


@router.get("")
def me(who: Annotated[Principal, Depends(allowed("viewer"))]) -> Principal:
    """Say who asks, with which roles and scopes, and which tenant is meant when none is named."""
    return who

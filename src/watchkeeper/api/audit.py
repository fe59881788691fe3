"""`/api/audit`: what was done, by whom. Reads alone; `watchkeeper audit verify` says whether the log is whole."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Query

from watchkeeper.api.deciding import AdminOfAny
from watchkeeper.api.platform import The
from watchkeeper.model.audit import AuditEntry, Head
from watchkeeper.model.noun import Noun

router = APIRouter(prefix="/api/audit", tags=["audit"])


class AuditPage(Noun):
    """Entries of the log, the newest first."""

    entries: tuple[AuditEntry, ...]
    """The entries."""
    before: int | None
    """Give it as `before` for the entries that are older; none if there are none."""


@router.get("")
def listed(
    the: The,
    who: AdminOfAny,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="Only entries with lower numbers.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditPage:
    """List what was done in the tenant; with `*`, in all and beyond any."""
    try:
        found = the.people.audit.newest(who.tenant, before, limit)
    except ValueError as error:
        raise HTTPException(409, str(error)) from error
    return AuditPage(entries=found, before=found[-1].number if len(found) == limit and found[-1].number > 1 else None)


@router.get("/head")
def head(the: The, _: AdminOfAny) -> Head:
    """Give the end of the log, to keep where nobody who can write the database can: what came before it can't be changed unnoticed."""
    return the.people.audit.head()

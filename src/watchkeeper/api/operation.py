"""`/health`, `/metrics`, `/api/checkup`: how the platform is. Owns who may see how much; judging is the server's.

Whether it runs and takes events in is told to anybody who can reach the port, as load balancers and containers ask; nothing else is.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response

from watchkeeper.api.guard import allowed
from watchkeeper.api.platform import The
from watchkeeper.model.checked import Checked, Empty
from watchkeeper.model.health import Health
from watchkeeper.model.principal import EVERY_TENANT, Principal

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
router = APIRouter(tags=["operation"])
Viewer = Annotated[Principal, Depends(allowed("viewer", every=True))]


@router.get("/health/live")
def live() -> dict[str, bool]:
    """Say that the web process answers."""
    return {"live": True}


@router.get("/health/ready", responses={503: {"description": "events are not taken in now"}})
def ready(the: The, response: Response) -> dict[str, bool]:
    """Say whether events are taken in."""
    is_ready = the.health().is_ready
    response.status_code = 200 if is_ready else 503
    return {"ready": is_ready}


@router.get("/health")
def health(the: The, _: Viewer) -> Health:
    """Say how every process of the platform is, and what stands in its way."""
    return the.health()


@router.get("/metrics", response_class=Response, responses={200: {"content": {METRICS_TYPE: {}}}})
def metrics(the: The, who: Viewer) -> Response:
    """Give what the platform measures, as text for Prometheus; it is of all tenants, so a role in every tenant (`*`) is needed."""
    _of_all(who)
    return Response(the.metrics(), media_type=METRICS_TYPE)


@router.get("/api/checkup")
def checkup(the: The, who: Viewer, why: Empty | None = None) -> tuple[Checked, ...]:
    """Look the whole platform over, or say why there are no events, signals or incidents; a role in every tenant (`*`) is needed."""
    _of_all(who)
    return the.checkup(why)


def _of_all(who: Principal) -> None:
    if not who.may("viewer", EVERY_TENANT):
        raise HTTPException(403, "this is about all tenants: a role in every tenant is needed")

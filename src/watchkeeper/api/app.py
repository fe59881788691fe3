"""The application: every router, and what is true of every answer. Owns their order; what each route does stands with it."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request

from watchkeeper.api.approve import router as approve
from watchkeeper.api.audit import router as audit
from watchkeeper.api.edge import Bounded, Edge, Slow
from watchkeeper.api.guard import allowed
from watchkeeper.api.listening import Listeners
from watchkeeper.api.lists import router as lists
from watchkeeper.api.me import router as me
from watchkeeper.api.messages import router as messages
from watchkeeper.api.openapi import described
from watchkeeper.api.operation import router as operation
from watchkeeper.api.platform import Platform
from watchkeeper.api.problems import explain
from watchkeeper.api.rates import Rates
from watchkeeper.api.resources import RESOURCES
from watchkeeper.api.sender_tokens import router as sender_tokens
from watchkeeper.api.sign_in import router as sign_in
from watchkeeper.api.taxii import router as taxii
from watchkeeper.api.tokens import router as tokens
from watchkeeper.api.users import router as users
from watchkeeper.model.principal import Principal

ROUTERS: tuple[APIRouter, ...] = (sign_in, me, users, tokens, sender_tokens, audit, messages, operation, lists, taxii, approve, *RESOURCES)
"""Every router; each of their routes has a guard, which a test proves."""


def build(platform: Platform) -> FastAPI:
    """Make the application; its description is at `/api/openapi.json`, for who may look."""
    app = FastAPI(title="Watchkeeper", openapi_url=None, docs_url=None, redoc_url=None)
    app.openapi = partial(described, app)
    app.state.platform = platform
    app.state.listeners = Listeners(platform.stopping)
    bounds = platform.bounds
    app.state.by_principal, app.state.sign_ins = Rates(bounds.by_principal), Rates(bounds.sign_ins)
    app.add_middleware(Bounded, most_bytes=bounds.body_bytes, most_depth=bounds.body_depth)
    app.add_middleware(Slow, rates=Rates(bounds.by_address))
    app.add_middleware(Edge, secure=platform.secure)
    explain(app)
    app.add_api_route("/api/openapi.json", _description, include_in_schema=False)
    for router in ROUTERS:
        app.include_router(router)
    return app


def _description(request: Request, _: Annotated[Principal, Depends(allowed("viewer"))]) -> dict[str, Any]:
    """Give the description of the API as OpenAPI 3.1."""
    return request.app.openapi()

"""The description of the API as OpenAPI 3.1, with refusals as they are given. Owns what FastAPI does not know of its own answers."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

_PROBLEM = "application/problem+json"
_REFERENCE = {"$ref": "#/components/schemas/Problem"}
_UNUSED = ("HTTPValidationError", "ValidationError")
_ABOUT = "What Watchkeeper found, and what people may do about it. Every route needs a role; docs/api.md says how to ask."


def described(app: FastAPI) -> dict[str, Any]:
    """Give the description of every route, made once."""
    if app.openapi_schema is None:
        made = get_openapi(title="Watchkeeper", version="1", description=_ABOUT, routes=app.routes)
        for operations in made["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    if status >= "400" and ("application/json" in answer.get("content", {})):
                        answer["content"] = {_PROBLEM: {"schema": _REFERENCE}}
                        answer["description"] = answer["description"].replace("Validation Error", "It was not understood.")
        for name in _UNUSED:
            made["components"]["schemas"].pop(name, None)
        app.openapi_schema = made
    return app.openapi_schema

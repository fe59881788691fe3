"""Refusals and failures as RFC 9457 describes them. Owns their form: what went wrong in plain words, and nothing of the inside."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

_LOG = logging.getLogger(__name__)
_MOST_FIELDS = 20
_AGAIN_SECONDS = 5


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, fields: list[dict[str, str]] | None = None) -> JSONResponse:
    """Give an answer that says what went wrong.

    Args:
        status: of HTTP.
        detail: what went wrong and what to do, in a sentence.
        headers: that go with it.
        fields: where in the request it is, and what is wrong there.
    """
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    return JSONResponse(body | ({"fields": fields} if fields else {}), status, dict(headers or {}), "application/problem+json")


def explain(app: FastAPI) -> None:
    """Make an application answer so; what nobody expected becomes one at its edge."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(OSError, _store_away)


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 -- it is registered for nothing else
    return problem(error.status_code, str(error.detail), error.headers)


def _not_understood(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 -- it is registered for nothing else
    told = [{"where": ".".join(str(part) for part in one["loc"])[:200], "what": str(one["msg"])[:200]} for one in error.errors()]
    return problem(422, "what was sent is not what this takes", fields=told[:_MOST_FIELDS])


def _store_away(_: Request, error: Exception) -> JSONResponse:
    _LOG.error("the database or another file failed", exc_info=error)
    return problem(503, "the database cannot be asked or written now; try again", {"Retry-After": str(_AGAIN_SECONDS)})

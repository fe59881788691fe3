"""The edge of the application: what holds for every request and every answer, before any route. Owns headers, sizes, depth and rates."""

import asyncio
import logging
import re
import secrets
from math import ceil

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from watchkeeper.access.lockout import network
from watchkeeper.api.problems import problem
from watchkeeper.api.rates import Rates

_LOG = logging.getLogger(__name__)
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)|[\[\]{}]', re.DOTALL)
"""Strings, and brackets that stand in none."""
_BODY_SECONDS = 30
_BY_LINK = "/approve/"
"""What follows it lets one person answer, so it is in no log."""
_STRICT = "max-age=31536000; includeSubDomains"


class Edge:
    """Gives every answer its headers and every request an id; what nobody expected becomes an answer that tells nothing of the inside."""

    def __init__(self, app: ASGIApp, *, secure: bool) -> None:
        """Take what is inside, and whether it is reached by TLS alone."""
        self._app = app
        self._headers = _HEADERS | ({"Strict-Transport-Security": _STRICT} if secure else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, with_headers)
        except Exception:
            _LOG.exception("request %s failed: %s %s", request_id, scope["method"], _tellable(scope["path"]))
            if begun:
                raise
            await problem(500, f"this failed here, and what failed was written down under {request_id}")(scope, receive, with_headers)


def _tellable(path: str) -> str:
    """Give a path as it may stand in a log: that of a page by link is the link's secret."""
    return _BY_LINK if path.startswith(_BY_LINK) else path


class Slow:
    """Refuses who asks too often, by address, before anything is looked up."""

    def __init__(self, app: ASGIApp, rates: Rates) -> None:
        """Take what is inside, and how often one may ask."""
        self._app = app
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            client = scope.get("client")
            wait = self._rates.wait(network(client[0] if client else ""))
            if wait:
                await problem(429, "too many requests from this address", {"Retry-After": str(ceil(wait))})(scope, receive, send)
                return
        await self._app(scope, receive, send)


class Bounded:
    """Refuses bodies that are too large or nest too deep; it reads each whole, so nothing inside waits for a slow sender."""

    def __init__(self, app: ASGIApp, most_bytes: int, most_depth: int) -> None:
        """Take what is inside, and the bounds."""
        self._app = app
        self._most_bytes = most_bytes
        self._most_depth = most_depth

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await self._body(scope, receive)
        except TimeoutError:
            await problem(408, f"a request has to come within {_BODY_SECONDS} seconds", {"Connection": "close"})(scope, receive, send)
            return
        if body is None:
            too_large = f"a request has {self._most_bytes:,} bytes at most"
            await problem(413, too_large, {"Connection": "close"})(scope, receive, send)
        elif depth_of(body, self._most_depth) > self._most_depth:
            await problem(400, f"what is sent nests {self._most_depth} deep at most")(scope, receive, send)
        else:
            await self._app(scope, _again(body, receive), send)

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        said = Headers(scope=scope).get("content-length", "0")
        if not (said.isascii() and said.isdigit() and int(said[:20]) <= self._most_bytes):
            return None
        found = bytearray()
        while True:
            message = await receive()
            found += message.get("body", b"")
            if len(found) > self._most_bytes:
                return None
            if not message.get("more_body", False):
                return bytes(found)


def depth_of(body: bytes, most: int) -> int:
    """Give how deep brackets nest in a text of JSON, those in its strings left out; it stops beyond `most`."""
    deepest = depth = 0
    for found in _STRUCTURE.finditer(body):
        if (bracket := found.group()) in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > most:
                break
        elif bracket in b"]}":
            depth -= 1
    return deepest


def _again(body: bytes, receive: Receive) -> Receive:
    given = False

    async def once() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once

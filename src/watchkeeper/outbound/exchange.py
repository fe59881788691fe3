"""One exchange by HTTP. Owns the limits: no redirect is followed, TLS is verified, and neither time nor an answer is without end."""

import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import httpx

from watchkeeper.settings.references import hidden, masked

LIMIT_SECONDS = 20.0
"""From the first byte sent to the last one read."""
MOST_ANSWER = 65_536
"""Bytes of an answer, unless the caller says otherwise."""
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
_STEP_SECONDS = 10.0
_MOST_WAIT = 3_600
_LEAST_SECRET = 8
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PLAIN = {"accept-encoding": "identity", "user-agent": "watchkeeper"}


@dataclass(frozen=True, slots=True)
class Request:
    """One request to make."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    """What must not show in an error beside the address itself."""
    method: Method = "POST"


@dataclass(frozen=True, slots=True)
class Limits:
    """How far an exchange may go, and whom it trusts."""

    seconds: float = LIMIT_SECONDS
    answer_bytes: int = MOST_ANSWER
    certificates: Path | None = None
    """Authorities to trust in the place of the system's."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, whatever its status says."""

    status: int
    headers: httpx.Headers
    body: bytes

    @property
    def wait_seconds(self) -> int:
        """When the other side wants to be asked again, by its `Retry-After` in seconds; 0 if it does not say."""
        wait = self.headers.get("retry-after", "")
        return min(int(wait), _MOST_WAIT) if wait.isascii() and wait.isdigit() and len(wait) < 9 else 0


def checked_url(url: str) -> str:
    """Give the address if something may be sent there.

    Raises:
        ValueError: it is not https (loopback may be http), names no host, or has a user in it.
    """
    parts = urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not (parts.scheme == "https" or plain) or not parts.hostname or parts.username or parts.password:
        raise ValueError(f"{masked(url)!r} must be an https address without a user in it; http is for this machine alone")
    return url


def exchange(request: Request, limits: Limits | None = None) -> Answer:
    """Make a request and read its answer.

    Raises:
        TimeoutError: it did not end in time.
        ConnectionError: it could not be made, or the answer is none; the message names the host and no secret.
        ValueError: it may not be made at all, such as to an address that is not encrypted.
    """
    bounds = limits or Limits()
    try:
        return _answer(request, bounds)
    except httpx.TimeoutException as error:
        raise TimeoutError(f"{masked(request.url)}: {_said(error, request)}") from error
    except (httpx.HTTPError, OSError) as error:
        raise ConnectionError(f"{masked(request.url)}: {_said(error, request)}") from error
    except (httpx.InvalidURL, ValueError) as error:
        raise ValueError(f"{masked(request.url)}: {_said(error, request)}") from error


def unseen(text: str, request: Request) -> str:
    """Give a text about a request without the secrets in it: what it names, its address, and every longer part of its path and query."""
    parts = urlsplit(request.url)
    pieces = [piece for piece in re.split("[/?&=]", f"{parts.path}?{parts.query}") if len(piece) >= _LEAST_SECRET]
    return hidden(text, request.url, *request.secrets, *pieces)[:300]


def _answer(request: Request, bounds: Limits) -> Answer:
    end = time.monotonic() + bounds.seconds
    with (
        httpx.Client(
            verify=_context(request.url, bounds.certificates), timeout=min(_STEP_SECONDS, bounds.seconds), follow_redirects=False
        ) as client,
        client.stream(
            request.method, checked_url(request.url), content=request.body or None, headers={**request.headers, **_PLAIN}
        ) as answer,
    ):
        body = bytearray()
        for part in answer.iter_raw():
            body += part
            if len(body) > bounds.answer_bytes:
                raise httpx.ReadError(f"it answers with more than {bounds.answer_bytes} bytes")
            if time.monotonic() > end:
                raise httpx.ReadTimeout(f"its answer took more than {bounds.seconds:g} seconds")
        return Answer(answer.status_code, answer.headers, bytes(body))


def _context(url: str, certificates: Path | None) -> ssl.SSLContext:
    """Give what verifies the other side, by default with the certificates of the system; reading them is spared where there is no TLS."""
    if not url.startswith("https:"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return ssl.create_default_context(cafile=str(certificates) if certificates else None)


def _said(error: Exception, request: Request) -> str:
    return unseen(f"{type(error).__name__}: {error}", request)

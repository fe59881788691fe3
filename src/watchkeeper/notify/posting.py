"""Handing JSON over by HTTP. Owns the limits: no redirect is followed, TLS is verified, and neither time nor an answer is without end."""

import re
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from watchkeeper.notify.channel import NotSentError
from watchkeeper.settings.references import hidden, masked

LIMIT_SECONDS = 20.0
"""From the first byte sent to the last one read."""
_STEP_SECONDS = 10.0
_MOST_ANSWER = 65_536
_MOST_WAIT = 3_600
_LEAST_SECRET = 8
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_PLAIN = {"accept-encoding": "identity", "user-agent": "watchkeeper"}
_FINAL = {400, 404, 405, 410, 413, 415, 422}
"""Answers that will not be otherwise next time."""


@dataclass(frozen=True, slots=True)
class Post:
    """One request to make."""

    url: str
    body: bytes
    headers: dict[str, str]
    secrets: tuple[str, ...] = ()
    """What must not show in an error beside the address itself."""


Refusal = Callable[[bytes], str]
"""Says why a product refused although it answered with success; empty if it did not."""


def checked_url(url: str) -> str:
    """Give the address if messages may go there.

    Raises:
        ValueError: it is not https (loopback may be http), names no host, or has a user in it.
    """
    parts = urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not (parts.scheme == "https" or plain) or not parts.hostname or parts.username or parts.password:
        raise ValueError(f"{masked(url)!r} must be an https address without a user in it; http is for this machine alone")
    return url


def post(request: Post, refusal: Refusal, limit_seconds: float = LIMIT_SECONDS) -> None:
    """Make a request.

    Raises:
        NotSentError: it was not taken.
    """
    try:
        status, headers, body = _answer(request, limit_seconds)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise NotSentError(f"{masked(request.url)}: {_said(error, request)}") from error
    if not 200 <= status < 300:
        raise _refused(request, status, headers)
    if why := refusal(body):
        raise NotSentError(f"{masked(request.url)}: {hidden(why, *_secrets(request))[:300]}")


def _answer(request: Post, limit_seconds: float) -> tuple[int, httpx.Headers, bytes]:
    end = time.monotonic() + limit_seconds
    with (
        httpx.Client(verify=_context(request.url), timeout=min(_STEP_SECONDS, limit_seconds), follow_redirects=False) as client,
        client.stream("POST", checked_url(request.url), content=request.body, headers={**request.headers, **_PLAIN}) as answer,
    ):
        body = bytearray()
        for part in answer.iter_raw():
            body += part
            if len(body) > _MOST_ANSWER:
                raise httpx.ReadError(f"it answers with more than {_MOST_ANSWER} bytes")
            if time.monotonic() > end:
                raise httpx.ReadTimeout(f"its answer took more than {limit_seconds:g} seconds")
        return answer.status_code, answer.headers, bytes(body)


def _context(url: str) -> ssl.SSLContext:
    """Give what verifies the other side, with the certificates of the system; reading them is spared where there is no TLS."""
    return ssl.create_default_context() if url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _refused(request: Post, status: int, headers: httpx.Headers) -> NotSentError:
    place = masked(request.url)
    if 300 <= status < 400:
        return NotSentError(f"{place} answers with a redirect ({status}), which is not followed; give the address it leads to", final=True)
    wait = headers.get("retry-after", "")
    seconds = min(int(wait), _MOST_WAIT) if wait.isascii() and wait.isdigit() and len(wait) < 9 else 0
    return NotSentError(f"{place} answers with status {status}", final=status in _FINAL, retry_after_seconds=seconds)


def _secrets(request: Post) -> tuple[str, ...]:
    """Give what must not be shown: the address, every longer part of its path and query, and what the request names."""
    parts = urlsplit(request.url)
    pieces = [piece for piece in re.split("[/?&=]", f"{parts.path}?{parts.query}") if len(piece) >= _LEAST_SECRET]
    return (request.url, *request.secrets, *pieces)


def _said(error: Exception, request: Post) -> str:
    return hidden(f"{type(error).__name__}: {error}", *_secrets(request))[:300]

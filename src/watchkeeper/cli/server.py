"""Talking to a server over HTTPS. Owns the connection, its checks, and what is said when it fails."""

import os
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, TypeAdapter, ValidationError

from watchkeeper.cli.where import Where
from watchkeeper.lake import Answer, Limits
from watchkeeper.model.page import MOST, Page
from watchkeeper.model.problem import Problem

Kind = TypeVar("Kind", bound=BaseModel)
Asked = Mapping[str, object]
_SECONDS = 90.0
_MOST_BYTES = 64 << 20
_MOST_PAGES = 200
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Server:
    """One server, asked as one principal."""

    def __init__(self, client: httpx.Client, tenant: str | None) -> None:
        """Take the client, and the tenant that every question is about."""
        self._client = client
        self._tenant = {"tenant": tenant} if tenant else {}

    def get(self, path: str, kind: type[Kind], /, **query: object) -> Kind:
        """Ask for one thing."""
        return self._as(self._said("GET", path, query, None), kind)

    def every(self, path: str, kind: type[Kind], /, **query: object) -> tuple[Kind, ...]:
        """Ask for a whole list, page by page.

        Raises:
            ValueError: it is longer than anybody wants to read on a terminal.
        """
        found: list[Kind] = []
        after = ""
        for _ in range(_MOST_PAGES):
            page = self.get(path, Page[kind], **query, limit=MOST, after=after)
            found += page.items
            if not (after := page.next):
                return tuple(found)
        raise ValueError(f"{path!r} has more than {len(found):,} entries; narrow it down")

    def send(self, method: str, path: str, kind: type[Kind], /, **body: object) -> Kind:
        """Have something done."""
        return self._as(self._said(method, path, {}, body), kind)

    def asked(self, question: str, limits: Limits) -> Answer:
        """Answer a question in SQL."""
        body = {"sql": question, "form": "parquet", "rows": limits.rows, "seconds": limits.seconds}
        content, headers = self._answered("POST", "hunt/export", {}, body)
        rows = pq.read_table(pa.BufferReader(content))
        return Answer(rows, headers.get("X-More") == "true", float(headers.get("X-Seconds", 0)), int(headers.get("X-Files", 0)))

    def _said(self, method: str, path: str, query: Asked, body: Asked | None) -> bytes:
        return self._answered(method, path, query, body)[0]

    def _answered(self, method: str, path: str, query: Asked, body: Asked | None) -> tuple[bytes, httpx.Headers]:
        asked = {name: str(value) for name, value in {**self._tenant, **query}.items() if value not in (None, "")}
        try:
            with self._client.stream(method, f"/api/{path}", params=asked, json=body) as answer:
                content = _bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise OSError(f"cannot reach {str(self._client.base_url)!r}: {error or type(error).__name__}; {_advice(error)}") from error
        if answer.is_success:
            return content, answer.headers
        raise ValueError(_refusal(answer, content, path))

    def _as(self, content: bytes, kind: type[Kind]) -> Kind:
        try:
            return TypeAdapter(kind).validate_json(content)
        except ValidationError as error:
            raise ValueError(
                f"{str(self._client.base_url)!r} answers otherwise than this version expects; is it Watchkeeper, of the same version?"
            ) from error


@contextmanager
def connected(url: str, where: Where) -> Generator[Server]:
    """Give the server at an address.

    Raises:
        OSError: the token or the certificates cannot be read.
        ValueError: the address is none, or would carry the token in the clear.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError(f"server {url!r} is no address; write https://HOST:PORT")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError(f"{url!r} would carry your token in the clear; use https")
    headers = {"Authorization": f"Bearer {_token(where.token_file)}", "Accept": "application/json"}
    with httpx.Client(
        base_url=url.rstrip("/"), headers=headers, verify=_checks(where.ca), timeout=_SECONDS, follow_redirects=False
    ) as client:
        yield Server(client, where.tenant)


def _checks(ca: Path | None) -> ssl.SSLContext:
    """Give what certificates are checked against; they always are."""
    try:
        return ssl.create_default_context(cafile=str(ca) if ca else None)
    except ssl.SSLError as error:
        raise ValueError(f"{str(ca)!r} holds no certificates in PEM: {error}") from error


def _token(file: Path | None) -> str:
    text = file.read_text("utf-8") if file else os.environ.get("WATCHKEEPER_TOKEN", "")
    if not text.strip():
        raise ValueError("no API token: set WATCHKEEPER_TOKEN, or name a file with --token-file")
    if not (text.strip().isascii() and text.strip().isprintable()):
        raise ValueError("the API token is none: it holds signs that no token has")
    return text.strip()


def _bounded(answer: httpx.Response) -> bytes:
    content = b""
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > _MOST_BYTES:
            raise ValueError(f"the server answers with more than {_MOST_BYTES >> 20} MiB; narrow down what you ask")
    return content


def _advice(error: Exception) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted: name the certificates to check it against with --ca"
    return "is it running, and is the address right?"


def _refusal(answer: httpx.Response, content: bytes, path: str) -> str:
    try:
        problem = Problem.model_validate_json(content)
        detail = "; ".join((problem.detail, *(f"{one.where}: {one.what}" for one in problem.fields)))
    except ValidationError:
        detail = ""
    said = f": {detail}" if detail else ""
    match answer.status_code:
        case 401:
            return f"the server does not let you in{said}; check WATCHKEEPER_TOKEN or --token-file"
        case 403:
            return f"you may not do that{said}"
        case 400 | 404 | 409 | 422 if detail:
            return detail
        case _:
            return f"the server answered {answer.status_code} to {path!r}{said}"

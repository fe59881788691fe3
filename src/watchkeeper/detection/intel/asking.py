"""Asking a server over HTTP: who is asked, who asks, and how much is taken. Owns transport; what is asked stands in `taxii`.

Only the server that a person named is talked to: what redirects elsewhere is refused, so that nobody's password goes there.
Certificates are always verified; without TLS only this machine is asked.
"""

import ssl
import time
from base64 import b64encode
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

MOST_BYTES = 256 << 20
"""Of one answer."""
TIMEOUT_SECONDS = 60
"""Longest silence."""
MOST_SECONDS = 600
"""One answer may take no longer, however slowly it comes."""
_MOST_LOGIN = 65_536
_MOST_SAID = 2_000
_PIECE = 1 << 20
_SELF = ("localhost", "127.0.0.1", "::1")
_MEANING = {
    401: "the server wants a user and password, or a token, or refuses those given",
    403: "whoever asks may not read this",
    404: "there is nothing at that address",
    406: "the server does not speak TAXII 2.1",
    429: "the server wants fewer requests; try later",
    503: "the server is not ready; try later",
}


class Answer(NamedTuple):
    """What a server said."""

    content: bytes
    headers: Message


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is asked, and what stands behind `Authorization`."""

    server: tuple[str, str, int | None]
    """Scheme, host and port."""
    authorization: str = field(repr=False)
    """Empty asks as nobody."""
    certificates: Path | None
    """Further authorities to trust."""

    def ask(self, url: str, media_type: str) -> Answer:
        """Ask for what stands at an address of the server, in a media type.

        Raises:
            OSError: the server cannot be reached or does not answer in time.
            ValueError: the address is another server's, or the answer is an error, too large or of another type.
        """
        if _server(urlsplit(url)) != self.server:
            raise ValueError(f"{url!r} is on another server than was asked for; ask that one by its own address if you trust it")
        headers = {"Accept": media_type, "User-Agent": "watchkeeper"} | (
            {"Authorization": self.authorization} if self.authorization else {}
        )
        opener = build_opener(HTTPSHandler(context=self._context()), _SameServer(self.server))
        try:
            with opener.open(Request(url, headers=headers), timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 -- `asker` takes http and https alone
                return Answer(_content(answer, url), answer.headers)
        except HTTPError as error:
            with error:
                raise ValueError(f"{url!r} answers {error.code}: {_MEANING.get(error.code) or _said(error)}") from error
        except URLError as error:
            raise ConnectionError(f"cannot ask {url!r}: {error.reason}") from error
        except HTTPException as error:
            raise ConnectionError(f"{url!r} does not answer as a server does: {error!r}") from error

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self.certificates:
            context.load_verify_locations(self.certificates)
        return context


def asker(url: str, login: str = "", certificates: Path | None = None) -> Asker:
    """Give who asks the server of an address.

    `login` is `basic USER:PASSWORD`, or a scheme and a token, such as `bearer TOKEN`.

    Raises:
        ValueError: the address is none that may be asked, or the login is not understood.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ValueError(f"{parts.geturl()!r} is no address of a server; write it like https://taxii.example/taxii2/")
    if parts.username is not None or parts.password is not None:
        raise ValueError("user and password do not belong into an address, where others see them; give them by --login FILE")
    if parts.scheme == "http" and parts.hostname not in _SELF:
        raise ValueError(f"{url!r} is not encrypted, and who is on the way could change it; write https")
    return Asker(_server(parts), _authorization(login), certificates)


def read_login(path: Path | None, from_environment: str) -> str:
    """Give the login of a file's first line; without a file that of the environment.

    Raises:
        OSError: the file cannot be read.
    """
    if path is None:
        return from_environment.strip()
    with path.open(encoding="utf-8") as file:
        return file.readline(_MOST_LOGIN).strip()


def _authorization(login: str) -> str:
    if not login:
        return ""
    scheme, _, secret = login.partition(" ")
    if not secret.strip() or not login.isascii() or not login.isprintable():
        raise ValueError("the login is not understood; write `basic USER:PASSWORD` or `bearer TOKEN` in one line")
    if scheme.lower() != "basic":
        return f"{scheme.capitalize()} {secret.strip()}"
    if ":" not in secret:
        raise ValueError("the login has no password; write `basic USER:PASSWORD`")
    return f"Basic {b64encode(secret.strip().encode()).decode()}"


def _server(parts: SplitResult) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port or {"https": 443, "http": 80}.get(parts.scheme)


class _SameServer(HTTPRedirectHandler):
    """Follows redirects on the same server and no others."""

    max_redirections = 5

    def __init__(self, server: tuple[str, str, int | None]) -> None:
        self._server = server

    def redirect_request(self, req: Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        if _server(urlsplit(urljoin(req.full_url, newurl))) != self._server:
            raise ValueError(
                f"{req.full_url!r} redirects to another server, {newurl[:200]!r}; ask that one by its own address if you trust it"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _content(answer: Any, url: str) -> bytes:
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        raise ValueError(f"{url!r} answers in an encoding that was not asked for")
    until = time.monotonic() + MOST_SECONDS
    pieces: list[bytes] = []
    size = 0
    while piece := answer.read1(_PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > MOST_BYTES:
            raise ValueError(f"{url!r} answers with more than {MOST_BYTES >> 20} MiB; ask for less at a time by --page")
        if time.monotonic() > until:
            raise TimeoutError(f"{url!r} took longer than {MOST_SECONDS} s for one answer")
    return b"".join(pieces)


def _said(error: HTTPError) -> str:
    """Give what a server says about an error, in so many letters."""
    return repr(error.read(_MOST_SAID).decode(errors="replace"))

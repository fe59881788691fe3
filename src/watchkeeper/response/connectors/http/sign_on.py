"""Signing on to a product: what a request carries so that it is let in. Owns the ways, and tokens in memory until they expire.

Sources: RFC 6749, section 4.4 (client credentials); RFC 7617 (basic); the Standard Webhooks specification 1.0.0 (signatures).
"""

import base64
import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, Literal
from urllib.parse import quote, urlencode

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from watchkeeper.model.noun import Noun
from watchkeeper.outbound.exchange import Answer, Limits, Request, checked_url, exchange
from watchkeeper.outbound.signing import signed_headers
from watchkeeper.response.connectors.http.finding import Find, JsonPath, parsed, remembered
from watchkeeper.settings.references import Reference, Reveal, masked

_EARLY_SECONDS = 60
_MOST_SECONDS = 24 * 3_600
_MOST_TOKENS = 1_000
_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
Login = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f:]{1,200}$")]


class Nobody(Noun):
    """It lets in whoever can reach it."""

    by: Literal["none"]
    """This way."""


class Bearer(Noun):
    """A token that lasts."""

    by: Literal["bearer"]
    """This way."""
    token: Reference
    """Where it is."""


class Basic(Noun):
    """A user and a password."""

    by: Literal["basic"]
    """This way."""
    user: Login
    """Who signs on."""
    password: Reference
    """Where the password is."""


class Key(Noun):
    """A key in a header of its own."""

    by: Literal["key"]
    """This way."""
    header: HeaderName
    """Which header."""
    secret: Reference
    """Where the key is."""


class ClientCredentials(Noun):
    """A token from an OAuth 2 server."""

    by: Literal["oauth2"]
    """This way."""
    token_url: Annotated[str, AfterValidator(checked_url)]
    """Where tokens are given."""
    client_id: Annotated[str, Field(pattern=r"^[\x20-\x7e]{1,200}$")]
    """Who signs on."""
    client_secret: Reference
    """Where the secret is."""
    scope: Annotated[str, Field(pattern=r"^[\x20-\x7e]*$")] = ""
    """What the token is for."""


class Session(Noun):
    """A token from the product itself, for a user and a password."""

    by: Literal["session"]
    """This way."""
    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9/_.?=&-]{1,200}$")]
    """Where tokens are given, below the place's address; by POST."""
    user: Login
    """Who signs on."""
    password: Reference
    """Where the password is."""
    token: JsonPath
    """Where in the answer the token is."""
    seconds: Annotated[int, Field(ge=1, le=_MOST_SECONDS)] = 600
    """How long it is used."""


class Signed(Noun):
    """A signature over each request, as Standard Webhooks wants it."""

    by: Literal["hmac"]
    """This way."""
    secret: Reference
    """Where the shared secret is."""


SignOn = Annotated[Nobody | Bearer | Basic | Key | ClientCredentials | Session | Signed, Field(discriminator="by")]
_SIGN_ON: TypeAdapter[SignOn] = TypeAdapter(SignOn)


def read_sign_on(told: dict[str, str]) -> SignOn:
    """Read how a product is signed on to.

    Raises:
        ValueError: it is none of the ways; the message shows nothing of what was written.
    """
    try:
        return _SIGN_ON.validate_python(told)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)[:3]
        raise ValueError("auth: " + "; ".join(f"{'.'.join(map(str, one['loc'])) or 'it'}: {one['msg']}" for one in found)) from None


@dataclass(frozen=True, slots=True)
class Carried:
    """What a request carries to be let in."""

    headers: dict[str, str] = field(default_factory=dict[str, str], repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    is_kept: bool = False
    """Whether it is a token that was kept, so that a refusal may mean that it ended early."""


@dataclass(slots=True)
class Tokens:
    """Tokens of this process, in memory alone."""

    clock: Callable[[], float] = time.monotonic
    _kept: dict[str, tuple[str, float]] = field(default_factory=dict[str, tuple[str, float]], repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def get(self, name: str) -> str:
        """Give a token that has not expired; empty if there is none."""
        with self._lock:
            token, until = self._kept.get(name, ("", 0.0))
            return token if self.clock() < until else ""

    def keep(self, name: str, token: str, seconds: float) -> None:
        """Keep a token until a minute before it expires, or half its time if that is less."""
        with self._lock:
            if len(self._kept) >= _MOST_TOKENS:
                self._kept.clear()
            self._kept[name] = (token, self.clock() + max(min(seconds, _MOST_SECONDS) - _EARLY_SECONDS, seconds / 2))

    def drop(self, name: str) -> None:
        """Forget a token."""
        with self._lock:
            self._kept.pop(name, None)


TOKENS = Tokens()


@dataclass(frozen=True, slots=True)
class Door:
    """Where one signs on, and by whose secrets."""

    base: str
    reveal: Reveal = field(repr=False)
    limits: Limits
    tokens: Tokens = field(default_factory=lambda: TOKENS, repr=False)


def carried(way: SignOn, door: Door, key: str, body: bytes) -> Carried:
    """Give what a request carries; `key` and `body` are what a signature covers.

    Raises:
        OSError: the server that gives tokens does not answer.
        ValueError: it refuses, or a secret cannot be looked up.
    """
    match way:
        case Nobody():
            return Carried()
        case Bearer():
            return _with("Authorization", "Bearer ", door.reveal(way.token))
        case Key():
            return _with(way.header, "", door.reveal(way.secret))
        case Basic():
            return _basic(way.user, door.reveal(way.password))
        case Signed():
            secret = door.reveal(way.secret)
            return Carried(signed_headers(key, int(time.time()), body, secret), (secret,))
        case ClientCredentials() | Session():
            return _kept(way, door)


def forget(way: SignOn, door: Door) -> None:
    """Forget the token that was kept for a place: it refused it."""
    if isinstance(way, ClientCredentials | Session):
        door.tokens.drop(_name(way, door, door.reveal(_secret(way))))


def _with(header: str, prefix: str, secret: str) -> Carried:
    if not secret.isascii() or not secret.isprintable():
        raise ValueError(f"the secret for the header {header!r} has characters that no header may have")
    return Carried({header: prefix + secret}, (secret,))


def _basic(user: str, password: str) -> Carried:
    both = base64.b64encode(f"{user}:{password}".encode()).decode()
    return Carried({"Authorization": f"Basic {both}"}, (password, both))


def _secret(way: ClientCredentials | Session) -> str:
    return way.client_secret if isinstance(way, ClientCredentials) else way.password


def _name(way: ClientCredentials | Session, door: Door, secret: str) -> str:
    """Give what a token is kept under: who signs on where; another secret is another token."""
    return hashlib.sha256(f"{way.model_dump_json()}\0{door.base}\0{secret}".encode()).hexdigest()


def _kept(way: ClientCredentials | Session, door: Door) -> Carried:
    secret = door.reveal(_secret(way))
    name = _name(way, door, secret)
    token = door.tokens.get(name)
    is_kept = bool(token)
    if not token:
        token, seconds = _asked(way, door, secret)
        door.tokens.keep(name, token, seconds)
    return Carried({"Authorization": f"Bearer {token}"}, (token, secret), is_kept)


def _asked(way: ClientCredentials | Session, door: Door, secret: str) -> tuple[str, float]:
    request = _request(way, door, secret)
    answer = exchange(request, door.limits)
    _assert_given(answer, masked(request.url))
    path, seconds = ("access_token", 0) if isinstance(way, ClientCredentials) else (way.token, way.seconds)
    told = remembered({"token": Find(path=path), "lasts": Find(path="expires_in")}, parsed(answer.body), {})
    token, lasts = str(told.get("found.token", "")), told.get("found.lasts", 300)
    if not _TOKEN.fullmatch(token):
        raise ValueError(f"{masked(request.url)} gives no token where one was expected")
    return token, float(seconds or (lasts if isinstance(lasts, int) and lasts > 0 else 300))


def _request(way: ClientCredentials | Session, door: Door, secret: str) -> Request:
    if isinstance(way, Session):
        login = _basic(way.user, secret)
        return Request(door.base.rstrip("/") + way.path, b"", login.headers, login.secrets)
    asked = {"grant_type": "client_credentials", "client_id": way.client_id, "client_secret": secret}
    body = urlencode(asked | ({"scope": way.scope} if way.scope else {})).encode()
    return Request(way.token_url, body, {"content-type": "application/x-www-form-urlencoded"}, (secret, quote(secret, safe="")))


def _assert_given(answer: Answer, place: str) -> None:
    if answer.status == 429 or answer.status >= 500:
        raise ConnectionError(f"{place} answers with status {answer.status} instead of a token")
    if not 200 <= answer.status < 300:
        raise ValueError(f"{place} gives no token: it answers with status {answer.status}")

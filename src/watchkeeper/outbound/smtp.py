"""Handing a mail over by SMTP, over STARTTLS or TLS. Owns the conversation and its end; what a mail says stands elsewhere.

Sources: RFC 5321, RFC 8314 (TLS).
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from email.message import EmailMessage
from threading import Timer
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from watchkeeper.model.noun import Noun
from watchkeeper.outbound.exchange import LIMIT_SECONDS
from watchkeeper.settings.references import Reference, Reveal, hidden

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_STEP_SECONDS = 10.0
_WHOLE_SECONDS = 3 * LIMIT_SECONDS
_FINAL = 550


def _mailbox(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"{address!r} is no mail address")
    return address


Mailbox = Annotated[str, AfterValidator(_mailbox)]
"""A bare address, without a name."""


class MailServer(Noun):
    """A mail server and who gets mail by it."""

    server: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,255}$")]
    """Name or address of the mail server."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    """Its port; 0: 587 with STARTTLS, 465 with TLS, 25 with none."""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """How the connection is kept secret; `none` is for a server on this machine alone."""
    sender: Mailbox
    """Who it is from."""
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1, max_length=100)]
    """Who gets it; nobody sees the others where the mail server gives out one copy each."""
    user: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    """Login at the server; empty if it asks for none."""
    password: Reference | None = None
    """Where the password of the login is."""

    @model_validator(mode="after")
    def _secure(self) -> "MailServer":
        if self.tls == "none" and self.server not in _LOOPBACK:
            raise ValueError(f"mail to {self.server!r} would go in clear; use tls: starttls or tls (none is for this machine alone)")
        if bool(self.user) != bool(self.password):
            raise ValueError("a login needs both user and password (env:NAME or file:/path)")
        return self

    @property
    def domain(self) -> str:
        """Domain of the sender, under which mails are numbered."""
        return self.sender.rpartition("@")[2]


class RefusedMailError(Exception):
    """A server does not take a mail, and will not next time."""


def hand_over(made: EmailMessage, to: MailServer, reveal: Reveal) -> tuple[str, ...]:
    """Hand a mail over and give the recipients that the server did not take it for, mostly none.

    Raises:
        RefusedMailError: it takes it for nobody, and will not next time.
        ConnectionError: it does not take it now; the message holds no secret.
        ValueError: the password cannot be looked up.
    """
    password = reveal(to.password) if to.password else ""
    try:
        with _connected(to) as server:
            if to.user:
                server.login(to.user, password)
            return tuple(server.send_message(made))
    except smtplib.SMTPRecipientsRefused as error:
        is_final = all(code >= 500 for code, _ in error.recipients.values())
        raise _refusal(f"{to.server} takes mail for none of {', '.join(to.to)}", is_final=is_final) from error
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        said = f"{to.server} answers {error.smtp_code}: {hidden(words, password)[:200]}"
        raise _refusal(said, is_final=error.smtp_code >= _FINAL) from error
    except (smtplib.SMTPException, OSError) as error:
        raise ConnectionError(f"{to.server}: {hidden(f'{type(error).__name__}: {error}', password)[:300]}") from error


def _refusal(said: str, *, is_final: bool) -> Exception:
    return RefusedMailError(said) if is_final else ConnectionError(said)


@contextmanager
def _connected(to: MailServer) -> Generator[smtplib.SMTP]:
    """Connect; whoever answers too slowly is cut off, however steadily it drips."""
    port = to.port or _PORTS[to.tls]
    context = ssl.create_default_context()
    if to.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(to.server, port, timeout=_STEP_SECONDS, context=context)
    else:
        server = smtplib.SMTP(to.server, port, timeout=_STEP_SECONDS)
    timer = Timer(_WHOLE_SECONDS, _cut_off, [server])
    timer.daemon = True
    timer.start()
    try:
        with server:
            if to.tls == "starttls":
                server.starttls(context=context)
            yield server
    finally:
        timer.cancel()


def _cut_off(server: smtplib.SMTP) -> None:
    connection = server.sock
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)

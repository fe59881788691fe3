"""Mail by SMTP: text and HTML, over STARTTLS or TLS. Owns the message's headers and the conversation with the server.

Sources: RFC 5321, RFC 8314 (TLS), RFC 3834 (`Auto-Submitted`), RFC 5322 (`References`, by which mail programs keep an incident together).
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from functools import cache
from threading import Timer
from typing import Annotated, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pydantic import AfterValidator, Field, model_validator

from watchkeeper.content import folder
from watchkeeper.model.message import Message
from watchkeeper.model.noun import Noun
from watchkeeper.notify.channel import Channel, NotSentError, Sending
from watchkeeper.notify.layout import cut, harmless, parts, subject, text
from watchkeeper.outbound.exchange import LIMIT_SECONDS
from watchkeeper.settings.references import Reference, hidden

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,255}")
_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
_MOST_TEXT = 200_000
_STEP_SECONDS = 10.0
_WHOLE_SECONDS = 3 * LIMIT_SECONDS


def _mailbox(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"{address!r} is no mail address")
    return address


Mailbox = Annotated[str, AfterValidator(_mailbox)]
"""A bare address, without a name."""


class MailTarget(Noun):
    """A mail server and who gets mail by it."""

    channel: Literal["mail"]
    """This channel."""
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
    def _secure(self) -> "MailTarget":
        if self.tls == "none" and self.server not in _LOOPBACK:
            raise ValueError(f"mail to {self.server!r} would go in clear; use tls: starttls or tls (none is for this machine alone)")
        if bool(self.user) != bool(self.password):
            raise ValueError("a login needs both user and password (env:NAME or file:/path)")
        return self


def mail(message: Message, target: MailTarget) -> EmailMessage:
    """Make the mail: the same message makes the same `Message-ID`, so that a second copy is seen as one."""
    domain = target.sender.rpartition("@")[2]
    made = EmailMessage(policy=WIRE)
    made["From"], made["To"] = target.sender, ", ".join(target.to)
    made["Subject"] = subject(message, 200)
    made["Date"] = format_datetime(message.time)
    made["Message-ID"] = f"<{message.key}@{domain}>"
    if message.incident:
        made["References"] = f"<incident.{re.sub('[^A-Za-z0-9-]', '', message.incident)[:64]}@{domain}>"
    made["Auto-Submitted"], made["X-Auto-Response-Suppress"] = "auto-generated", "All"
    made.set_content(cut(text(message, lambda words: words), _MOST_TEXT))
    made.add_alternative(_page().render(message=message, parts=list(parts(message)), harmless=harmless), subtype="html")
    return made


@cache
def _page() -> Template:
    made = Environment(
        loader=FileSystemLoader(folder("templates")), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.get_template("message.html")


def _send(message: Message, target: MailTarget, sending: Sending) -> str:
    made = mail(message, target)
    password = sending.reveal(target.password) if target.password else ""
    try:
        with _connected(target) as server:
            if target.user:
                server.login(target.user, password)
            refused = server.send_message(made)
    except smtplib.SMTPRecipientsRefused as error:
        final = all(code >= 500 for code, _ in error.recipients.values())
        raise NotSentError(f"{target.server} takes mail for none of {', '.join(target.to)}", final=final) from error
    except smtplib.SMTPResponseException as error:
        words = hidden(error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error, password)
        raise NotSentError(f"{target.server} answers {error.smtp_code}: {harmless(words)[:200]}", final=error.smtp_code >= 550) from error
    except (smtplib.SMTPException, OSError, ssl.SSLError) as error:
        raise NotSentError(f"{target.server}: {hidden(f'{type(error).__name__}: {error}', password)[:300]}") from error
    return f"{target.server} does not take mail for {', '.join(refused)}" if refused else ""


@contextmanager
def _connected(target: MailTarget) -> Generator[smtplib.SMTP]:
    """Connect; whoever answers too slowly is cut off, however steadily it drips."""
    port = target.port or _PORTS[target.tls]
    context = ssl.create_default_context()
    if target.tls == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(target.server, port, timeout=_STEP_SECONDS, context=context)
    else:
        server = smtplib.SMTP(target.server, port, timeout=_STEP_SECONDS)
    timer = Timer(_WHOLE_SECONDS, _cut_off, [server])
    timer.daemon = True
    timer.start()
    try:
        with server:
            if target.tls == "starttls":
                server.starttls(context=context)
            yield server
    finally:
        timer.cancel()


def _cut_off(server: smtplib.SMTP) -> None:
    connection = server.sock
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)


def _place(target: MailTarget) -> str:
    return f"{', '.join(target.to)} by {target.server}"


mail_channel = Channel("mail", MailTarget, _send, _place)

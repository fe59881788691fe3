"""Mail to people: text and HTML. Owns the message and its headers; the conversation with the server is `outbound`'s.

Sources: RFC 3834 (`Auto-Submitted`), RFC 5322 (`References`, by which mail programs keep an incident together).
"""

import re
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from functools import cache
from typing import Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from watchkeeper.content import folder
from watchkeeper.model.message import Message
from watchkeeper.notify.channel import Channel, NotSentError, Sending
from watchkeeper.notify.layout import cut, harmless, parts, subject, text
from watchkeeper.outbound.smtp import MailServer, RefusedMailError, hand_over

_MOST_TEXT = 200_000


class MailTarget(MailServer):
    """A mail server and who gets mail by it."""

    channel: Literal["mail"]
    """This channel."""


def mail(message: Message, target: MailTarget) -> EmailMessage:
    """Make the mail: the same message makes the same `Message-ID`, so that a second copy is seen as one."""
    made = EmailMessage(policy=WIRE)
    made["From"], made["To"] = target.sender, ", ".join(target.to)
    made["Subject"] = subject(message, 200)
    made["Date"] = format_datetime(message.time)
    made["Message-ID"] = f"<{message.key}@{target.domain}>"
    if message.incident:
        made["References"] = f"<incident.{re.sub('[^A-Za-z0-9-]', '', message.incident)[:64]}@{target.domain}>"
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
    try:
        refused = hand_over(made, target, sending.reveal)
    except RefusedMailError as error:
        raise NotSentError(harmless(str(error)), final=True) from error
    except OSError as error:
        raise NotSentError(harmless(str(error))) from error
    return f"{target.server} does not take mail for {', '.join(refused)}" if refused else ""


def _place(target: MailTarget) -> str:
    return f"{', '.join(target.to)} by {target.server}"


mail_channel = Channel("mail", MailTarget, _send, _place)

"""A ticket system that is reached by mail. Owns the mail; what became of it only the ticket system knows.

Source: RFC 5322 (`Message-ID`: the same ticket has the same, so that a second copy is seen as one), RFC 3834 (`Auto-Submitted`).
"""

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from typing import Literal

from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.outbound.smtp import MailServer, RefusedMailError, hand_over
from watchkeeper.response.connectors.place import Place
from watchkeeper.settings.references import Reveal

_MOST_SUBJECT, _MOST_TEXT = 150, 200_000


class TicketMailPlace(Place):
    """A mailbox whose mails become tickets."""

    by: Literal["mail"]
    """This kind of place."""
    mail: MailServer
    """The mail server, who it is from, and the mailbox."""

    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how a ticket is opened; it cannot be taken back.

        Raises:
            ValueError: it is another action.
        """
        if action != "open_ticket":
            raise ValueError(f"{self.name!r} is a mailbox, which does open_ticket and not {action!r}")
        return Means(self.name, action, lambda job: self._do(job, reveal), None, self._check)

    def _do(self, job: Job, reveal: Reveal) -> Done:
        made = ticket(job, self.mail, datetime.now(UTC))
        try:
            refused = hand_over(made, self.mail, reveal)
        except RefusedMailError as error:
            raise ValueError(f"{self.name!r}: {error}") from error
        except OSError as error:
            raise ConnectionError(f"{self.name!r}: {error}") from error
        left_out = f"; not for {', '.join(refused)}" if refused else ""
        return Done(said=f"{self.name}: {self.mail.server} took the mail{left_out}"[:2_000], reference=str(made["Message-ID"]))

    def _check(self, job: Job) -> Seen:
        said = f"{self.name}: a mail cannot be looked at once it is handed over; the ticket system shows a ticket of {job.key}"
        return Seen(where="target", outcome="unknown", time=datetime.now(UTC), said=said)


def ticket(job: Job, to: MailServer, now: datetime) -> EmailMessage:
    """Make the mail of a ticket.

    Raises:
        ValueError: the job says no `title` or no `text`.
    """
    title, text = job.arguments.get("title", ""), job.arguments.get("text", "")
    if not title or not text:
        raise ValueError("a ticket needs `title` and `text`, and the job does not say both")
    made = EmailMessage(policy=WIRE)
    made["From"], made["To"] = to.sender, ", ".join(to.to)
    made["Subject"] = f"{_line(title)[:_MOST_SUBJECT]} [{job.key}]"
    made["Date"] = format_datetime(now)
    made["Message-ID"] = f"<ticket.{job.key}@{to.domain}>"
    made["Auto-Submitted"], made["X-Auto-Response-Suppress"] = "auto-generated", "All"
    lines = (_line(line) for line in text[:_MOST_TEXT].splitlines())
    made.set_content("\n".join((*lines, "", f"Watchkeeper {job.key}" + (f", incident {_line(job.incident)}" if job.incident else ""))))
    return made


def _line(text: str) -> str:
    """Give a text as one line without characters that steer something."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())

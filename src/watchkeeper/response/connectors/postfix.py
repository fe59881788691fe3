"""Postfix: mail that waits in its queue is held there, and released. Owns the commands; how they run is of `commands`.

Sources: postqueue(1) `-j`, postsuper(1) `-h` and `-H`, postcat(1).
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Annotated, Any, Literal

from pydantic import Field

from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.response.connectors.commands import Machine, obeyed, run
from watchkeeper.response.connectors.message_ids import message_id, same_id
from watchkeeper.response.connectors.place import Place
from watchkeeper.settings.references import Reveal

_ACTION = "hold_mail"
_QUEUE_ID = re.compile(r"[0-9A-Za-z]{5,40}")
_ADDRESS = re.compile(r"[^\s\x00-\x1f\x7f<>]{1,320}")
_MOST_LISTED = 64 << 20
_MOST_HEADERS = 1 << 20
_MOST_READ = 50
_MOST_HELD = 25
_MOST_REFERENCE = 500
_NOTHING = "-"
_HOLD = "hold"


class PostfixPlace(Place):
    """A Postfix whose queue can be held."""

    by: Literal["postfix"]
    """This connector."""
    at: Machine = Machine()
    """Where it is; rights: `postqueue`, `postsuper`, `postcat`."""
    configuration: Annotated[str, Field(pattern=r"^(/[^\x00-\x1f\x7f]*)?$")] = ""
    """Its configuration directory; empty: the usual one."""

    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how mail is held there; no secret is needed, since SSH reads its key itself.

        Raises:
            ValueError: it is another action.
        """
        del reveal
        if action != _ACTION:
            raise ValueError(f"{self.name!r} has no {action!r}; a Postfix has {_ACTION!r}")
        queue = _Queue(self)
        return Means(self.name, action, queue.do, queue.undo, queue.check, queue.former)


@dataclass(frozen=True, slots=True)
class _Mail:
    """One mail in the queue."""

    queue: str
    id: str
    sender: str
    recipients: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Queue:
    place: PostfixPlace

    def former(self, job: Job) -> str:
        return self._kept(self._chosen(job))

    def do(self, job: Job) -> Done:
        chosen = self._chosen(job)
        if not chosen:
            raise ValueError(f"{self.place.name!r}: no mail in the queue is what is asked for; it may have gone out already")
        reference = job.reference or self._kept(chosen)
        loose = [mail.id for mail in chosen if mail.queue != _HOLD]
        self._tell("-h", loose)
        return Done(
            said=f"{len(loose)} of {len(chosen)} mails held on {self.place.at.spoken}: {' '.join(loose)}"[:2_000], reference=reference
        )

    def undo(self, job: Job) -> Done:
        if not job.reference:
            raise ValueError(f"{self.place.name!r}: which mails this action held is not known; release them by hand with postsuper -H")
        ours = set(job.reference.split())
        held = [mail.id for mail in self._chosen(job) if mail.queue == _HOLD and mail.id in ours]
        self._tell("-H", held)
        return Done(said=f"{len(held)} mails released on {self.place.at.spoken}: {' '.join(held)}"[:2_000])

    def check(self, job: Job) -> Seen:
        ours = set(job.reference.split()) - {_NOTHING}
        chosen = [mail for mail in self._chosen(job) if not ours or mail.id in ours]
        loose, gone = [mail.id for mail in chosen if mail.queue != _HOLD], len(ours) - len(chosen) if ours else 0
        outcome = "in-force" if chosen and not loose and not gone else "not-in-force"
        held = len(chosen) - len(loose)
        said = f"on {self.place.at.spoken} {held} mails are held, {len(loose)} wait to go out, and {gone} are not there any more"
        return Seen(where="target", outcome=outcome, time=datetime.now(UTC), said=said)

    def _chosen(self, job: Job) -> list[_Mail]:
        """Find the mails that everything of the job fits."""
        listed = obeyed(self.place.at, self._words("postqueue", "-j"), most_bytes=_MOST_LISTED)
        wanted = _wanted(job)
        found = [mail for mail in _read(listed) if wanted.fits(mail)]
        if job.arguments.get("message_id"):
            found = self._with_id(found, message_id(job.arguments))
        if len(found) > _MOST_HELD:
            raise ValueError(
                f"{self.place.name!r}: {len(found)} mails in the queue fit, {_MOST_HELD} at most are held at once; say more of them"
            )
        return found

    def _with_id(self, found: Sequence[_Mail], wanted: str) -> list[_Mail]:
        """Keep the mails with this Message-ID, which only the mails themselves tell."""
        if len(found) > _MOST_READ:
            raise ValueError(f"{self.place.name!r}: {len(found)} mails would have to be opened, {_MOST_READ} at most are; say more of them")
        return [mail for mail in found if same_id(self._header(mail), wanted)]

    def _header(self, mail: _Mail) -> str:
        answer = run(self.place.at, self._words("postcat", "-h", "-q", mail.id), most_bytes=_MOST_HEADERS)
        return str(message_from_bytes(answer.out).get("Message-ID", "")) if answer.status == 0 else ""  # it went out meanwhile

    def _tell(self, what: str, ids: Sequence[str]) -> None:
        if ids:
            obeyed(self.place.at, self._words("postsuper", *(word for one in ids for word in (what, one))))

    def _words(self, program: str, *words: str) -> tuple[str, ...]:
        return (program, *(("-c", self.place.configuration) if self.place.configuration else ()), *words)

    def _kept(self, chosen: Sequence[_Mail]) -> str:
        text = " ".join(mail.id for mail in chosen if mail.queue != _HOLD) or _NOTHING
        if len(text) > _MOST_REFERENCE:
            raise ValueError(f"{self.place.name!r}: too many mails to be kept for releasing them ({len(chosen)}); nothing was done")
        return text


@dataclass(frozen=True, slots=True)
class _Wanted:
    mailbox: str
    id: str
    sender: str
    recipient: str

    def fits(self, mail: _Mail) -> bool:
        return (
            (self.mailbox == mail.sender or self.mailbox in mail.recipients)
            and self.id in ("", mail.id)
            and self.sender in ("", mail.sender)
            and (not self.recipient or self.recipient in mail.recipients)
        )


def _wanted(job: Job) -> _Wanted:
    if len(job.targets) != 1 or job.targets[0].kind not in ("mailbox", "user", "account"):
        raise ValueError(f"{_ACTION!r} is for the mail of one mailbox at a time, not for {len(job.targets)} things")
    told = {name: job.arguments.get(name, "").lower() for name in ("sender", "recipient")}
    for address in (job.targets[0].value, *filter(None, told.values())):
        if "@" not in address or not _ADDRESS.fullmatch(address):
            raise ValueError(f"{address[:320]!r} is no mail address")
    id_ = job.arguments.get("queue_id", "")
    if id_ and not _QUEUE_ID.fullmatch(id_):
        raise ValueError(f"{id_[:40]!r} is no queue id of Postfix")
    return _Wanted(job.targets[0].value.lower(), id_, told["sender"], told["recipient"])


def _read(listed: bytes) -> Iterator[_Mail]:
    """Read what postqueue lists, one object a line; an id that is none is refused, since it would go into a command."""
    for line in listed.splitlines():
        told: dict[str, Any] = json.loads(line)
        id_, recipients = str(told["queue_id"]), frozenset(str(one["address"]).lower() for one in told["recipients"])
        if not _QUEUE_ID.fullmatch(id_):
            raise ValueError(f"postqueue lists {id_[:40]!r}, which is no queue id")
        yield _Mail(str(told["queue_name"]), id_, str(told["sender"]).lower(), recipients)

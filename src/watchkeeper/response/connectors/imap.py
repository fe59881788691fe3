"""Mailboxes: one mail moved out of sight, and back, over IMAP. Owns the conversation; folders are named in `response.yml`.

Sources: RFC 9051 (IMAP), RFC 6851 (MOVE), RFC 4315 (UIDPLUS), RFC 3501 5.1.3 (names of folders).
"""

import imaplib
import json
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import Done, Seen, SeenOutcome
from watchkeeper.response.connectors.message_ids import message_id, quoted, same_id, seven_bit
from watchkeeper.response.connectors.place import Place
from watchkeeper.response.connectors.secure import Certificates, Login, Seconds, ServerName, Tls, ended_after, refuse_in_clear, verifying
from watchkeeper.settings.references import Reference, Reveal, hidden

_ACTION = "quarantine_mail"
_MAILBOX = re.compile(r"[A-Za-z0-9._@-]{1,255}")
_MOST_CANDIDATES = 20
_MOST_COPIES = 5
_MOST_REFERENCE = 500
Folder = Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f*%]{1,200}$")]


class ImapPlace(Place):
    """A mail server whose mailboxes are read with one login."""

    by: Literal["imap"]
    """This connector."""
    server: ServerName
    """Name or address of the mail server."""
    port: Annotated[int, Field(ge=0, le=65_535)] = 0
    """Its port; 0: 993 with TLS, 143 otherwise."""
    tls: Tls = "tls"
    """How the connection is kept secret."""
    certificates: Certificates = ""
    """Which certificates are trusted."""
    user: Login
    """Who logs in: whose mailbox it is, or the master user."""
    password: Reference
    """Where the password is."""
    master: Literal["", "*", "%", "+", "/", ":", "!"] = ""
    """What stands between a mailbox and the master user at login (Dovecot's `auth_master_user_separator`); empty: `user` has one."""
    names: Literal["address", "local-part"] = "address"
    """What users are called there: by their address, or by what stands before the `@`."""
    folders: Annotated[tuple[Folder, ...], Field(min_length=1, max_length=20)] = ("INBOX",)
    """Folders in which a mail is looked for."""
    quarantine: Folder = "Quarantine"
    """Folder into which it is moved; it is made if it is not there."""
    seconds: Seconds = 30
    """How long one conversation may take."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        refuse_in_clear(self.server, self.tls)
        if self.quarantine in self.folders:
            raise ValueError(f"{self.quarantine!r} cannot be both the quarantine and a folder that mail is taken from")
        return self

    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how a mail is quarantined there.

        Raises:
            ValueError: it is another action.
        """
        if action != _ACTION:
            raise ValueError(f"{self.name!r} has no {action!r}; a mailbox has {_ACTION!r}")
        mailboxes = _Mailboxes(self, reveal)
        return Means(self.name, action, mailboxes.do, mailboxes.undo, mailboxes.check, mailboxes.former)


@dataclass(frozen=True, slots=True)
class _Copy:
    """One copy of a mail."""

    folder: str
    uid: str
    flags: tuple[str, ...]


class _Session:
    """One logged-in conversation."""

    def __init__(self, place: ImapPlace, imap: imaplib.IMAP4) -> None:
        self._place, self._imap = place, imap

    def ask(self, command: str, *words: str) -> list[Any]:
        """Give what the server answers to a command about messages by their UID."""
        answer, told = self._imap.uid(command, *words)
        if answer != "OK":
            raise ValueError(f"{self._place.name!r} refuses {command}: {_text(told)}")
        return told

    def there(self, folder: str) -> bool:
        """Say whether there is such a folder."""
        answer, told = self._imap.list('""', quoted(seven_bit(folder)))
        if answer != "OK":
            raise ValueError(f"{self._place.name!r} does not say whether there is {folder!r}: {_text(told)}")
        return any(told)

    def open(self, folder: str) -> str:
        """Open a folder to be changed, and give its UIDVALIDITY."""
        answer, told = self._imap.select(quoted(seven_bit(folder)))
        if answer != "OK":
            raise ValueError(f"{self._place.name!r} does not open {folder!r}: {_text(told)}")
        return _text(self._imap.response("UIDVALIDITY")[1])

    def make(self, folder: str) -> None:
        """Make a folder if it is not there."""
        if self.there(folder):
            return
        answer, told = self._imap.create(quoted(seven_bit(folder)))
        if answer != "OK":
            raise ValueError(f"{self._place.name!r} does not make {folder!r}: {_text(told)}")

    def copies(self, folder: str, wanted: str) -> list[_Copy]:
        """Find the mails of a folder that have exactly this Message-ID; the server's own search would take a part of it."""
        if not self.there(folder):
            return []
        self.open(folder)
        found = _text(self.ask("SEARCH", "HEADER", "Message-ID", quoted(wanted))).split()
        if len(found) > _MOST_CANDIDATES:
            raise ValueError(f"{self._place.name!r}: {len(found)} mails in {folder!r} look like {wanted!r}; nothing was done")
        return [_Copy(folder, uid, self._flags(uid)) for uid in found if same_id(self._header(uid), wanted)]

    def move(self, copy: _Copy, to: str) -> None:
        """Move one mail and no other; the folder it is in is open."""
        able = self._imap.capabilities
        if "MOVE" in able:
            self.ask("MOVE", copy.uid, quoted(seven_bit(to)))
            return
        if "UIDPLUS" not in able:
            raise ValueError(f"{self._place.name!r} can neither MOVE nor expunge one mail alone (UIDPLUS), so nothing is moved there")
        self.ask("COPY", copy.uid, quoted(seven_bit(to)))
        self.ask("STORE", copy.uid, "+FLAGS.SILENT", r"(\Deleted)")
        self.ask("EXPUNGE", copy.uid)

    def set_flags(self, copy: _Copy, flags: Sequence[str]) -> None:
        """Give a mail these flags and no others."""
        self.ask("STORE", copy.uid, "FLAGS.SILENT", f"({' '.join(flags)})")

    def _header(self, uid: str) -> str:
        told = self.ask("FETCH", uid, "(UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]<0.4000>)")
        pairs: list[tuple[bytes, bytes]] = [part for part in told if isinstance(part, tuple)]
        parts = [header for head, header in pairs if re.search(rb"\bUID %b\b" % uid.encode(), head)]
        return str(message_from_bytes(parts[0]).get("Message-ID", "")) if parts else ""

    def _flags(self, uid: str) -> tuple[str, ...]:
        lines = [line for line in self.ask("FETCH", uid, "(UID FLAGS)") if isinstance(line, bytes)]
        line = next((line for line in lines if re.search(rb"\bUID %b\b" % uid.encode(), line)), b"")
        flags = (flag.decode("ascii", "replace") for flag in imaplib.ParseFlags(line))
        return tuple(flag for flag in flags if flag != r"\Recent")


@dataclass(frozen=True, slots=True)
class _Mailboxes:
    place: ImapPlace
    reveal: Reveal

    def former(self, job: Job) -> str:
        with self._session(job) as session:
            return _kept(self._found(session, job))

    def do(self, job: Job) -> Done:
        place, wanted = self.place, message_id(job.arguments)
        with self._session(job) as session:
            found = self._found(session, job)
            reference = job.reference or _kept(found)
            if not found and not session.copies(place.quarantine, wanted):
                raise ValueError(f"{place.name!r}: there is no {wanted!r} in {', '.join(place.folders)} of {_mailbox(job)!r}")
            session.make(place.quarantine)
            for copy in found:
                session.open(copy.folder)
                session.move(copy, place.quarantine)
        said = f"{len(found)} of {wanted!r} moved to {place.quarantine!r}" if found else f"{wanted!r} is in {place.quarantine!r} already"
        return Done(said=said, reference=reference)

    def undo(self, job: Job) -> Done:
        place, wanted = self.place, message_id(job.arguments)
        with self._session(job) as session:
            kept = _remembered(job.reference)
            held = session.copies(place.quarantine, wanted)[-_MOST_COPIES:]
            held = held if kept is None else held[len(held) - min(len(held), len(kept)) :]
            for number, copy in enumerate(held):
                folder, flags = kept[number] if kept else (place.folders[0], copy.flags)
                session.make(folder)
                session.open(place.quarantine)
                session.set_flags(copy, flags)
                session.move(copy, folder)
            if kept != [] and not held and not any(session.copies(folder, wanted) for folder in place.folders):
                raise ValueError(f"{place.name!r}: {wanted!r} is neither in {place.quarantine!r} nor where it was; somebody removed it")
        return Done(said=f"{len(held)} of {wanted!r} moved back" if held else f"nothing of {wanted!r} had to be moved back")

    def check(self, job: Job) -> Seen:
        place, wanted = self.place, message_id(job.arguments)
        with self._session(job) as session:
            seen = [copy.folder for copy in self._found(session, job)]
            held = len(session.copies(place.quarantine, wanted))
        outcome: SeenOutcome = "not-in-force" if seen else "in-force" if held else "unknown"
        said = f"{wanted!r} is {held} times in {place.quarantine!r}, and {f'also in {seen}' if seen else f'not in {list(place.folders)}'}"
        return Seen(where="target", outcome=outcome, time=datetime.now(UTC), said=said[:2_000])

    def _found(self, session: _Session, job: Job) -> list[_Copy]:
        """Find the copies that are meant: all in the named folders, or the one with the UID that is asked for."""
        wanted, asked = message_id(job.arguments), job.arguments.get("folder", "")
        if asked and asked not in self.place.folders:
            raise ValueError(f"{self.place.name!r}: {asked[:200]!r} is none of the folders that mail is taken from there")
        found = [copy for folder in ((asked,) if asked else self.place.folders) for copy in session.copies(folder, wanted)]
        if uid := job.arguments.get("uid", ""):
            if not asked or session.open(asked) != job.arguments.get("uidvalidity", ""):
                raise ValueError(f"{self.place.name!r}: a `uid` needs its `folder` and the `uidvalidity` that the folder has now")
            found = [copy for copy in found if copy.uid == uid]
        if len(found) > _MOST_COPIES:
            raise ValueError(f"{self.place.name!r}: {wanted!r} is there {len(found)} times; nothing was done")
        return found

    @contextmanager
    def _session(self, job: Job) -> Generator[_Session]:
        """Log in, and say in the words of this connector what the server and imaplib say."""
        place, password, login = self.place, self.reveal(self.place.password), self._login(job)
        imap: imaplib.IMAP4 | None = None
        with ended_after(place.seconds, lambda: imap and imap.sock) as late:
            try:
                imap = self._connected()
                self._log_in(imap, login, password)
                yield _Session(place, imap)
            except (imaplib.IMAP4.abort, OSError, EOFError) as error:
                said = f"took longer than {place.seconds} seconds" if late.is_set() else f"{type(error).__name__}: {error}"
                raise ConnectionError(f"{place.name!r} ({place.server}): {hidden(said, password)[:300]}") from error
            except imaplib.IMAP4.error as error:
                raise ValueError(f"{place.name!r} ({place.server}) refuses: {hidden(_plain(str(error)), password)[:300]}") from error
            finally:
                if imap:
                    with suppress(imaplib.IMAP4.error, OSError):
                        imap.logout()
                    with suppress(OSError):
                        imap.shutdown()  # where the conversation broke off, logging out does not

    def _connected(self) -> imaplib.IMAP4:
        place, step = self.place, min(10, self.place.seconds)
        if place.tls == "tls":
            return imaplib.IMAP4_SSL(place.server, place.port or 993, ssl_context=verifying(place.certificates), timeout=step)
        imap = imaplib.IMAP4(place.server, place.port or 143, timeout=step)
        if place.tls == "starttls":
            try:
                imap.starttls(verifying(place.certificates))
            except BaseException:
                imap.shutdown()
                raise
        return imap

    def _log_in(self, imap: imaplib.IMAP4, login: str, password: str) -> None:
        if "AUTH=PLAIN" in imap.capabilities:
            imap.authenticate("PLAIN", lambda _: f"\0{login}\0{password}".encode())
        else:
            imap.login(quoted(login), password)
        imap.capabilities = tuple(_text(imap.capability()[1]).upper().split())  # after login a server tells more

    def _login(self, job: Job) -> str:
        """Give who logs in for the mailbox."""
        mailbox = _mailbox(job)
        name = mailbox.partition("@")[0] if self.place.names == "local-part" else mailbox
        if self.place.master:
            return f"{name}{self.place.master}{self.place.user}"
        if name.lower() != self.place.user.lower():
            raise ValueError(f"{self.place.name!r} has the mailbox of {self.place.user!r} alone, not that of {mailbox!r}")
        return self.place.user


def _mailbox(job: Job) -> str:
    if len(job.targets) != 1 or job.targets[0].kind not in ("mailbox", "user", "account"):
        raise ValueError(f"{_ACTION!r} is for one mailbox at a time, not for {len(job.targets)} things")
    name = job.targets[0].value
    if not _MAILBOX.fullmatch(name):
        raise ValueError(f"{name[:255]!r} is no name of a mailbox")
    return name


def _kept(found: Sequence[_Copy]) -> str:
    text = json.dumps([[copy.folder, copy.flags] for copy in found])
    if len(text) > _MOST_REFERENCE:
        raise ValueError(f"folders and flags of the mail are too long to be kept for moving it back ({len(text)}); nothing was done")
    return text


def _remembered(reference: str) -> list[tuple[str, list[str]]] | None:
    """Give where each copy was, with its flags; none if that is not known."""
    return [(str(folder), list(map(str, flags))) for folder, flags in json.loads(reference)] if reference else None


def _text(told: Sequence[Any]) -> str:
    """Give what a server answered as one line that can be shown."""
    return _plain(b" ".join(part for part in told if isinstance(part, bytes)).decode("utf-8", "replace"))


def _plain(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:1_000]

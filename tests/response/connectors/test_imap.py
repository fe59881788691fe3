"""A mail in a real Dovecot moves out of the inbox, and back with its flags; no other mail is touched."""

import imaplib
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from os import geteuid
from pathlib import Path

import pytest
from pydantic import ValidationError

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.response.connectors.imap import ImapPlace

PASSWORD = "s3cret-of-the-master"  # noqa: S105 -- of a server that lives as long as a test
BAD, ALIKE, OTHER = "bad.1@evil.example", "bad.1@evil.example.org", "hello@corp.example"
CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
ssl = required
ssl_cert = <{certificate}
ssl_key = <{certificate}
auth_master_user_separator = *
mail_location = maildir:{folder}/mail/%n
mail_fsync = never
auth_failure_delay = 0
first_valid_uid = 1
{capability}
passdb {{
  driver = passwd-file
  args = {folder}/masters
  master = yes
}}
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home={folder}/mail/%n
}}
service imap-login {{
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    port: int
    certificate: Path

    def means(self, **otherwise: object) -> Means:
        told = {
            "by": "imap", "name": "mailboxes", "actions": ("quarantine_mail",), "server": "127.0.0.1", "port": self.port, "tls": "starttls",
            "certificates": str(self.certificate), "user": "watchkeeper", "password": "env:IMAP", "master": "*",
            "folders": ("INBOX", "收件 & 箱"), "quarantine": "Quarantäne",
        }  # fmt: skip
        return ImapPlace.model_validate(told | otherwise).means("quarantine_mail", lambda _: PASSWORD)

    @contextmanager
    def bob(self) -> Generator[imaplib.IMAP4]:
        imap = imaplib.IMAP4("127.0.0.1", self.port)
        try:
            imap.starttls()
            imap.login("bob@corp.example", "bob")
            yield imap
        finally:
            imap.logout()

    def put(self, message_id: str, *flags: str, folder: str = "INBOX") -> None:
        with self.bob() as imap:
            imap.create(folder)
            text = f"Subject: x\r\nMessage-ID: <{message_id}>\r\n\r\nhello\r\n".encode()
            assert imap.append(folder, f"({' '.join(flags)})", "", text)[0] == "OK"

    def mails(self, folder: str = "INBOX") -> dict[str, set[str]]:
        """Message-IDs of a folder with their flags."""
        with self.bob() as imap:
            if imap.select(folder, readonly=True)[1] == [b"0"]:
                return {}
            told = imap.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")[1]
            pairs = [part for part in told if isinstance(part, tuple)]
            return {
                header.decode().partition("<")[2].partition(">")[0]: {flag.decode() for flag in imaplib.ParseFlags(head)} - {r"\Recent"}
                for head, header in pairs
            }


@pytest.fixture
def dovecot(
    folder: Path, port: int, certificate: Path, started: Callable[[list[str], int], None], request: pytest.FixtureRequest
) -> Dovecot:
    program = shutil.which("dovecot", path="/usr/sbin:/usr/bin")
    if not program:
        pytest.skip("no Dovecot is installed here; apt-get install dovecot-imapd")
    if geteuid() != 0:
        pytest.skip("Dovecot separates users, for which it has to be started as root")
    (folder / "mail").mkdir()
    shutil.chown(folder / "mail", 65534, 65534)
    (folder / "masters").write_text(f"watchkeeper:{{PLAIN}}{PASSWORD}\n")
    (folder / "users").write_text("bob@corp.example:{PLAIN}bob\n")
    capability = getattr(request, "param", "")
    text = CONFIGURATION.format(folder=folder, port=port, certificate=certificate, capability=capability)
    (folder / "dovecot.conf").write_text(text)
    started([program, "-F", "-c", str(folder / "dovecot.conf")], port)
    made = Dovecot(port, certificate)
    made.put(OTHER)
    made.put(BAD, r"\Seen", r"\Flagged", "$Phishing")
    made.put(ALIKE)
    return made


def _job(message_id: str = BAD, mailbox: str = "bob@corp.example", reference: str = "", **arguments: str) -> Job:
    return Job(
        key="0" * 32, tenant="default", incident="i1", action="quarantine_mail", targets=(Entity(kind="mailbox", value=mailbox),),
        arguments={"message_id": message_id, **arguments}, expires=None, reference=reference,
    )  # fmt: skip


SUPPORTED = ["", "imap_capability = IMAP4rev1 UIDPLUS"]


@pytest.mark.parametrize("dovecot", SUPPORTED, indirect=True, ids=["move", "copy-and-expunge"])
def test_a_mail_moves_out_of_the_inbox_and_back_with_its_flags(dovecot: Dovecot) -> None:
    means = dovecot.means()
    assert means.undo
    before = dovecot.mails()
    assert means.check(_job()).outcome == "not-in-force"
    done = means.do(_job(f"<{BAD}>"))
    assert dovecot.mails().keys() == {OTHER, ALIKE}
    assert dovecot.mails("Quarant&AOQ-ne").keys() == {BAD}
    assert means.check(_job()).outcome == "in-force"
    with dovecot.bob() as imap:
        imap.select("Quarant&AOQ-ne")
        imap.store("1", "-FLAGS", r"(\Seen \Flagged)")
    means.undo(_job(reference=done.reference))
    assert dovecot.mails() == before
    assert before[BAD] == {r"\Seen", r"\Flagged", "$Phishing"}
    assert means.check(_job()).outcome == "not-in-force"
    assert "nothing" in means.undo(_job(reference=done.reference)).said


@pytest.mark.parametrize("dovecot", ["imap_capability = IMAP4rev1"], indirect=True)
def test_a_server_that_cannot_take_one_mail_alone_is_left_alone(dovecot: Dovecot) -> None:
    before = dovecot.mails()
    with pytest.raises(ValueError, match="UIDPLUS"):
        dovecot.means().do(_job())
    assert dovecot.mails() == before


def test_every_copy_goes_back_to_its_own_folder_and_dying_in_between_loses_nothing(dovecot: Dovecot) -> None:
    means, chinese = dovecot.means(), '"&ZTZO9g- &- &e7E-"'
    assert means.undo
    assert means.former
    dovecot.put(BAD, r"\Answered", folder=chinese)
    former = means.former(_job())
    means.do(_job(folder="INBOX"))  # as if it had died before the second
    assert means.check(_job()).outcome == "not-in-force"
    assert means.do(_job(reference=former)).reference == former
    assert (BAD in dovecot.mails(), dovecot.mails(chinese)) == (False, {})
    assert "already" in means.do(_job(reference=former)).said
    means.undo(_job(reference=former))
    assert dovecot.mails()[BAD] == {r"\Seen", r"\Flagged", "$Phishing"}
    assert dovecot.mails(chinese) == {BAD: {r"\Answered"}}


def test_what_another_action_moved_is_not_moved_back_and_what_is_not_known_goes_to_the_inbox(dovecot: Dovecot) -> None:
    means = dovecot.means()
    assert means.undo
    means.do(_job())
    second = means.do(_job())
    means.undo(_job(reference=second.reference))
    assert BAD not in dovecot.mails()
    means.undo(_job())
    assert dovecot.mails()[BAD] == {r"\Seen", r"\Flagged", "$Phishing"}


def test_a_uid_counts_only_with_the_uidvalidity_that_the_folder_has(dovecot: Dovecot) -> None:
    with dovecot.bob() as imap:
        imap.select("INBOX")
        validity = imap.response("UIDVALIDITY")[1][0].decode()
    means = dovecot.means()
    for arguments in ({"uid": "2", "folder": "INBOX", "uidvalidity": "1"}, {"uid": "2"}):
        with pytest.raises(ValueError, match="uidvalidity"):
            means.do(_job(**arguments))
    with pytest.raises(ValueError, match="there is no"):
        means.do(_job(uid="1", folder="INBOX", uidvalidity=validity))
    with pytest.raises(ValueError, match="none of the folders"):
        means.do(_job(folder="Drafts"))
    means.do(_job(uid="2", folder="INBOX", uidvalidity=validity))
    assert dovecot.mails().keys() == {OTHER, ALIKE}


def test_odd_ids_are_quoted_or_refused_and_touch_nothing(dovecot: Dovecot) -> None:
    means, before = dovecot.means(), dovecot.mails()
    odd = 'a"b\\c@evil.example'
    dovecot.put(odd)
    means.do(_job(odd))
    assert dovecot.mails("Quarant&AOQ-ne").keys() == {odd}
    for name in ("", "<>", "a b@c", "a@b\r\nX LOGOUT", "é@x", "a" * 501, "\x00", "a@b\n"):
        with pytest.raises(ValueError, match="no Message-ID"):
            means.do(_job(name))
    for name in ("@evil.example", "bad.1", "*", '"'):
        with pytest.raises(ValueError, match="there is no"):
            means.do(_job(name))
    assert dovecot.mails() == before


def test_a_mailbox_is_one_persons_and_its_name_is_a_name(dovecot: Dovecot) -> None:
    for name in ("bob*root", "bob corp", "", "bob\r\nx", "x" * 300):
        with pytest.raises(ValueError, match="no name of a mailbox"):
            dovecot.means().do(_job(mailbox=name))
    with pytest.raises(ValueError, match="alone, not that of"):
        dovecot.means(master="", user="eve@corp.example").do(_job())
    with pytest.raises(ValueError, match="one mailbox at a time"):
        dovecot.means().do(_job().model_copy(update={"targets": ()}))
    assert dovecot.means(names="local-part").check(_job()).outcome == "not-in-force"


@pytest.mark.slow  # Dovecot takes its time to say no
def test_a_refused_password_is_said_and_not_told(dovecot: Dovecot) -> None:
    with pytest.raises(ValueError, match="refuses") as caught:
        dovecot.means(master="", user="bob@corp.example").do(_job())
    assert PASSWORD not in str(caught.value)


def test_a_mail_that_somebody_removed_is_not_said_to_be_in_quarantine(dovecot: Dovecot) -> None:
    means = dovecot.means()
    assert means.undo
    done = means.do(_job())
    with dovecot.bob() as imap:
        imap.select("Quarant&AOQ-ne")
        imap.store("1", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    assert means.check(_job()).outcome == "unknown"
    with pytest.raises(ValueError, match="somebody removed it"):
        means.undo(_job(reference=done.reference))


def test_a_server_that_does_not_prove_who_it_is_gets_no_password(dovecot: Dovecot) -> None:
    for otherwise in ({"certificates": ""}, {"server": "localhost"}, {"tls": "tls"}):
        with pytest.raises(ConnectionError, match="mailboxes"):
            dovecot.means(**otherwise).check(_job())


def test_a_server_that_is_not_there_may_be_tried_again(port: int) -> None:
    with pytest.raises(ConnectionError, match="mailboxes"):
        Dovecot(port, Path("/x")).means(tls="none").check(_job())


@pytest.mark.parametrize(
    ("otherwise", "said"),
    [
        ({"server": "imap.corp.example", "tls": "none"}, "in clear"),
        ({"quarantine": "INBOX"}, "cannot be both"),
        ({"password": "s3cret"}, "never the secret itself"),
        ({"folders": ("a\r\nb",)}, "pattern"),
    ],
)
def test_what_is_wrong_in_the_configuration_is_named(otherwise: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Dovecot(1, Path("/x")).means(**otherwise)

"""A mail in the queue of a real Postfix is held, does not go out however often it is asked to, and goes out once it is released."""

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from os import geteuid
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.response.connectors.postfix import PostfixPlace

EVE, ANN = "eve@evil.example", "ann@corp.example"
BAD = "bad.1@evil.example"
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
myhostname = mail.corp.example
relayhost = [127.0.0.1]:{port}
smtp_dns_support_level = disabled
minimal_backoff_time = 600s
alias_maps =
local_recipient_maps =
bounce_queue_lifetime = 1h
smtp_tls_security_level = none
"""
MASTER = """
pickup unix n - n 1 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


class _Sink(StreamRequestHandler):
    """Takes every mail."""

    server: Any

    def handle(self) -> None:
        self.wfile.write(b"220 sink ESMTP\r\n")
        while words := self.rfile.readline(4096):
            match words[:4].upper():
                case b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    self.server.taken.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                    self.wfile.write(b"250 kept\r\n")
                case b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                case _:
                    self.wfile.write(b"250 ok\r\n")


@dataclass
class Postfix:
    folder: Path
    port: int
    taken: list[bytes] = field(default_factory=list)

    def means(self) -> Means:
        told = {"by": "postfix", "name": "outbound", "actions": ("hold_mail",), "configuration": str(self.folder / "etc")}
        return PostfixPlace.model_validate(told).means("hold_mail", str)

    def run(self, *words: str, given: str = "") -> str:
        program, *others = words
        done = subprocess.run([f"/usr/sbin/{program}", *others], input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words}: {done.stderr}{done.stdout}"
        return done.stdout

    def send(self, sender: str, recipient: str, message_id: str) -> str:
        """Hand a mail in, and give its queue id once nobody took it."""
        before = {mail["queue_id"] for mail in self.queue()}
        text = f"From: {sender}\nTo: {recipient}\nMessage-ID: <{message_id}>\nSubject: x\n\nhello\n"
        self.run("sendmail", "-C", str(self.folder / "etc"), "-i", "-f", sender, recipient, given=text)
        found = self.until(lambda: [mail for mail in self.queue() if mail["queue_name"] == "deferred" and mail["queue_id"] not in before])
        return found[0]["queue_id"]

    def queue(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.run("postqueue", "-c", str(self.folder / "etc"), "-j").splitlines()]

    def until(self, seen: Callable[[], Any]) -> Any:
        end = time.monotonic() + 20
        while not (found := seen()):
            assert time.monotonic() < end, (self.folder / "postfix.log").read_text("utf-8")[-3000:]
            time.sleep(0.05)
        return found


@pytest.fixture
def postfix(folder: Path, port: int) -> Generator[Postfix]:
    if not shutil.which("postfix", path="/usr/sbin"):
        pytest.skip("no Postfix is installed here; apt-get install postfix")
    if geteuid() != 0:
        pytest.skip("Postfix separates users, for which it has to be started as root")
    (folder / "etc").mkdir()
    (folder / "queue").mkdir()
    (folder / "data").mkdir()
    shutil.chown(folder / "data", "postfix")
    (folder / "etc" / "main.cf").write_text(MAIN.format(folder=folder, port=port))
    (folder / "etc" / "master.cf").write_text(MASTER)
    made = Postfix(folder, port)
    control = ["/usr/sbin/postfix", "-c", str(folder / "etc")]
    subprocess.run([*control, "start"], check=True, capture_output=True, timeout=30)
    try:
        yield made
    finally:
        subprocess.run([*control, "stop"], check=False, capture_output=True, timeout=30)


@pytest.fixture
def sink(postfix: Postfix) -> Generator[Callable[[], None]]:
    """Begin to take mail at the port that Postfix relays to."""
    running: list[tuple[ThreadingTCPServer, Thread]] = []

    def begin() -> None:
        server: Any = ThreadingTCPServer(("127.0.0.1", postfix.port), _Sink)
        server.taken = postfix.taken
        thread = Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        running.append((server, thread))

    yield begin
    for server, thread in running:
        server.shutdown()
        thread.join()
        server.server_close()


def _job(mailbox: str = EVE, reference: str = "", **arguments: str) -> Job:
    return Job(
        key="0" * 32, tenant="default", incident="i1", action="hold_mail", targets=(Entity(kind="mailbox", value=mailbox),),
        arguments=arguments, expires=None, reference=reference,
    )  # fmt: skip


@pytest.mark.slow
def test_a_held_mail_does_not_go_out_and_a_released_one_does(postfix: Postfix, sink: Callable[[], None]) -> None:
    means = postfix.means()
    assert means.undo
    postfix.send(EVE, ANN, BAD)
    postfix.send("bob@corp.example", ANN, "hello@corp.example")
    wanted = _job(message_id=f"<{BAD}>")
    assert means.check(wanted).outcome == "not-in-force"
    done = means.do(wanted)
    assert means.check(_job(message_id=BAD, reference=done.reference)).outcome == "in-force"
    assert "0 of 1" in means.do(_job(message_id=BAD, reference=done.reference)).said
    sink()
    postfix.run("postqueue", "-c", str(postfix.folder / "etc"), "-f")
    postfix.until(lambda: len(postfix.taken) == 1)
    postfix.until(lambda: len(postfix.queue()) == 1)
    assert b"hello@corp.example" in postfix.taken[0]
    assert [mail["queue_name"] for mail in postfix.queue()] == ["hold"]
    means.undo(_job(message_id=BAD, reference=done.reference))
    postfix.run("postqueue", "-c", str(postfix.folder / "etc"), "-f")
    postfix.until(lambda: len(postfix.taken) == 2)
    postfix.until(lambda: postfix.queue() == [])
    assert BAD.encode() in postfix.taken[1]
    seen = means.check(_job(message_id=BAD, reference=done.reference))
    assert (seen.outcome, "1 are not there any more" in seen.said) == ("not-in-force", True)


@pytest.mark.slow
def test_mail_is_chosen_by_all_that_is_said_of_it_and_what_others_held_stays_held(postfix: Postfix) -> None:
    means = postfix.means()
    assert means.undo
    assert means.former
    first, second, third = (postfix.send(EVE, to, f"{number}@evil.example") for number, to in enumerate((ANN, ANN, "leo@corp.example")))
    for job in (
        _job(message_id="1@evil.exampl"),
        _job(queue_id="ABCDEF0123"),
        _job("nobody@evil.example"),
        _job(recipient="x@corp.example"),
    ):
        with pytest.raises(ValueError, match="no mail in the queue"):
            means.do(job)
    assert means.former(_job(queue_id=first)) == first
    assert set(means.former(_job(sender=EVE, recipient=ANN)).split()) == {first, second}
    assert means.former(_job("leo@corp.example")) == third
    postfix.run("postsuper", "-c", str(postfix.folder / "etc"), "-h", first)
    done = means.do(_job(recipient=ANN))
    assert done.reference == second
    means.undo(_job(recipient=ANN, reference=done.reference))
    held = {mail["queue_id"] for mail in postfix.queue() if mail["queue_name"] == "hold"}
    assert held == {first}
    assert means.do(_job(queue_id=first)).reference == "-"
    means.undo(_job(queue_id=first, reference="-"))
    with pytest.raises(ValueError, match="not known"):
        means.undo(_job(queue_id=first))
    assert {mail["queue_id"] for mail in postfix.queue() if mail["queue_name"] == "hold"} == {first}


PROGRAM = """#!/bin/sh
case "$0" in
*postqueue) cat "$(dirname "$0")/queue";;
*) echo "$0 $*" >> "$(dirname "$0")/told";;
esac
"""


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs in the place of Postfix's: what `queue` says is listed, and what is told stands in `told`."""
    for name in ("postqueue", "postsuper", "postcat"):
        (tmp_path / name).write_text(PROGRAM)
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def _listed(id_: str) -> str:
    return json.dumps({"queue_name": "deferred", "queue_id": id_, "sender": EVE, "recipients": [{"address": ANN}]}) + "\n"


def _place() -> Means:
    return PostfixPlace.model_validate({"by": "postfix", "name": "outbound", "actions": ("hold_mail",)}).means("hold_mail", str)


def test_what_is_asked_for_is_checked_before_a_command_runs(recorded: Path) -> None:
    (recorded / "queue").write_text(_listed("ABCDEF0123"))
    for job, said in (
        (_job(""), "no mail address"),
        (_job("eve"), "no mail address"),
        (_job("a b@evil.example"), "no mail address"),
        (_job(sender="-r@evil example"), "no mail address"),
        (_job(queue_id="ALL"), "no queue id"),
        (_job(queue_id="ABC;DEF"), "no queue id"),
        (_job(message_id="a b"), "no Message-ID"),
        (_job().model_copy(update={"targets": ()}), "one mailbox at a time"),
    ):
        with pytest.raises(ValueError, match=said):
            _place().do(job)
    assert not (recorded / "told").exists()


def test_a_queue_that_lists_something_else_and_too_many_mails_are_refused(recorded: Path) -> None:
    (recorded / "queue").write_text(_listed("ALL; rm -rf /"))
    with pytest.raises(ValueError, match="no queue id"):
        _place().do(_job())
    (recorded / "queue").write_text("".join(_listed(f"ABCDEF{number:04}") for number in range(60)))
    for job, said in ((_job(), "25 at most"), (_job(message_id=BAD), "50 at most")):
        with pytest.raises(ValueError, match=said):
            _place().do(job)
    assert not (recorded / "told").exists()
    (recorded / "queue").write_text(_listed("ABCDEF0123"))
    assert _place().do(_job()).reference == "ABCDEF0123"
    assert (recorded / "told").read_text().endswith("postsuper -h ABCDEF0123\n")


def test_a_postfix_has_one_action() -> None:
    with pytest.raises(ValueError, match="'outbound' has no 'notify'"):
        PostfixPlace.model_validate({"by": "postfix", "name": "outbound", "actions": ("notify",)}).means("notify", str)

"""Mail: what a real server on loopback gets, over which connection, and what no header takes."""

import email
import email.policy
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from ssl import SSLContext
from threading import Thread
from typing import Any

import pytest

from watchkeeper.model.message import Message
from watchkeeper.notify.channel import NotSentError, Sending
from watchkeeper.notify.mail import MailTarget, mail, mail_channel
from watchkeeper.outbound import smtp

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SENDING = Sending({"env:PW": "top-secret"}.__getitem__, NOON)

LOGIN = {"user": "soc", "password": "env:PW"}


def _target(port: int, **said: object) -> MailTarget:
    whole = {"channel": "mail", "server": "127.0.0.1", "port": port, "tls": "none", "sender": "wk@example.com", "to": ["a@example.com"]}
    return MailTarget.model_validate({**whole, **said})


def _parsed(content: bytes) -> Any:
    return email.message_from_bytes(content, policy=email.policy.default)


def test_a_mail_arrives_as_text_and_html(postoffice: Callable[..., Any], message: Message) -> None:
    office = postoffice()
    target = _target(office.port, to=["a@example.com", "b@example.com"])
    assert mail_channel.send(message, target, SENDING) == ""
    [(sender, to, content)] = office.envelopes
    assert "<wk@example.com>" in sender
    assert [one.split("<")[1].rstrip(">") for one in to] == ["a@example.com", "b@example.com"]
    made = _parsed(content)
    assert made["Subject"] == message.subject
    assert made["Auto-Submitted"] == "auto-generated"
    assert made["Message-ID"] == f"<{message.key}@example.com>"
    for kind in ("plain", "html"):
        body = made.get_body((kind,)).get_content()
        assert all(words in body for words in (message.subject, "take ws1 off the network", "https://console.example/incidents/8bce12"))


def test_what_is_said_in_chinese_arrives_in_chinese(postoffice: Callable[..., Any], message: Message) -> None:
    office = postoffice()
    mail_channel.send(message.model_copy(update={"subject": "【高】新事件：凭据被转储", "language": "zh"}), _target(office.port), SENDING)
    assert _parsed(office.envelopes[0][2])["Subject"] == "【高】新事件：凭据被转储"


def test_a_hostile_subject_is_one_header_and_a_hostile_line_is_no_markup(postoffice: Callable[..., Any], hostile: Message) -> None:
    office = postoffice()
    mail_channel.send(hostile, _target(office.port), SENDING)
    [(_, to, content)] = office.envelopes
    assert len(to) == 1
    made = _parsed(content)
    assert made["Bcc"] is None
    assert len(made["Subject"]) <= 200
    html = made.get_body(("html",)).get_content()
    assert "<img" not in html
    assert "http://" not in html
    assert {"\x1b", "\u202e", "\x00"}.isdisjoint(html + made.get_body(("plain",)).get_content())
    assert len(content) < 60_000_000


def test_by_starttls_and_by_tls_with_a_login(
    postoffice: Callable[..., Any], tls: SSLContext, certificate: Path, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    for how in ("starttls", "tls"):
        office = postoffice(tls, at_once=how == "tls")
        office.logins["soc"] = "top-secret"
        mail_channel.send(message, _target(office.port, tls=how, **LOGIN), SENDING)
        assert office.secret == [True]


def test_a_server_without_starttls_or_with_a_strange_certificate_gets_nothing(
    postoffice: Callable[..., Any], tls: SSLContext, message: Message
) -> None:
    plain, strange = postoffice(), postoffice(tls)
    for office, why in ((plain, "STARTTLS"), (strange, "certificate verify failed")):
        with pytest.raises(NotSentError, match=why):
            mail_channel.send(message, _target(office.port, tls="starttls"), SENDING)
        assert office.envelopes == []


def test_a_wrong_password_does_not_show_when_the_server_says_it(postoffice: Callable[..., Any], message: Message) -> None:
    office = postoffice()
    office.logins["soc"] = "another"
    with pytest.raises(NotSentError, match="535: wrong: …") as caught:
        mail_channel.send(message, _target(office.port, **LOGIN), SENDING)
    assert not caught.value.final


@pytest.mark.parametrize(("code", "final"), [(450, False), (550, True)])
def test_who_is_not_taken_is_said(postoffice: Callable[..., Any], message: Message, code: int, final: bool) -> None:
    office = postoffice()
    office.refuses["b@example.com"] = code
    note = mail_channel.send(message, _target(office.port, to=["a@example.com", "b@example.com"]), SENDING)
    assert "b@example.com" in note
    assert len(office.envelopes) == 1
    with pytest.raises(NotSentError, match="takes mail for none") as caught:
        mail_channel.send(message, _target(office.port, to=["b@example.com"]), SENDING)
    assert caught.value.final is final


def test_a_server_that_drips_is_cut_off(message: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_WHOLE_SECONDS", 0.4)
    listening = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.settimeout(5)
            connection.sendall(b"220 hello\r\n")
            try:
                while connection.recv(1024) or True:
                    connection.sendall(b"250-and\r\n" * 100)
            except OSError:
                return

    thread = Thread(target=drip)
    thread.start()
    with pytest.raises(NotSentError):
        mail_channel.send(message, _target(listening.getsockname()[1]), SENDING)
    thread.join()
    listening.close()


@pytest.mark.parametrize(
    "said",
    [
        {"server": "mail.example.com"}, {"to": ["a@example.com\r\nBcc: b@example.com"]}, {"to": []}, {"sender": "nobody"},
        {"user": "soc"}, {"user": "a\r\nb", "password": "env:PW"}, {"server": "a b"},
    ],
)  # fmt: skip
def test_what_is_unsafe_or_half_is_no_target(said: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="MailTarget"):
        _target(25, **said)


def test_an_incident_stays_together_in_a_mail_program(message: Message) -> None:
    made = mail(message.model_copy(update={"incident": "8bce\r\nX: y"}), _target(25))
    assert made["References"] == "<incident.8bceXy@example.com>"

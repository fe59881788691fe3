"""Tickets by mail: one mail a ticket with its own number, nothing of a log in its headers, and no claim that nobody can check."""

from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import yaml

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.outbound.smtp import MailServer
from watchkeeper.response.connectors.ticket_mail import ticket
from watchkeeper.response.places import FILE, read_places

KEY = "0123456789abcdef0123456789abcdef"
HOSTILE = "dumped\r\nBcc: all@example.org\r\n\r\n\x1b[31m\u202eon ws1 " + "x" * 400


def _job(**arguments: str) -> Job:
    target = Entity(kind="host", value="ws1")
    return Job(key=KEY, tenant="default", incident="8bce12", action="open_ticket", targets=(target,), arguments=arguments, expires=None)


def _means(state: Path, port: int, action: str = "open_ticket") -> Means:
    mail = {"server": "127.0.0.1", "port": port, "tls": "none", "sender": "wk@example.org", "to": ["desk@example.org"]}
    place = {"name": "desk", "by": "mail", "actions": [action], "mail": mail}
    (state / FILE).write_text(yaml.safe_dump({"places": [place]}))
    return read_places(state / FILE)[0].place.means(action, lambda _: "")


def test_a_ticket_is_a_mail_that_the_ticket_system_can_tell_from_any_other(postoffice: Callable[..., Any], tmp_path: Path) -> None:
    office = postoffice()
    means = _means(tmp_path, office.port)
    done = means.do(_job(title=HOSTILE, text="line 1\nline 2\r\nX: y \x00z"))
    [(_, to, content)] = office.envelopes
    mail = message_from_bytes(content, policy=policy.default)
    assert done.reference == mail["message-id"] == f"<ticket.{KEY}@example.org>"
    assert (mail["bcc"], len(to), mail["auto-submitted"]) == (None, 1, "auto-generated")
    assert mail["subject"].startswith("dumped Bcc: all@example.org [31m on ws1")
    assert mail["subject"].endswith(f"[{KEY}]")
    assert mail.get_content().splitlines()[:3] == ["line 1", "line 2", "X: y z"]
    seen = means.check(_job())
    assert (seen.outcome, means.undo) == ("unknown", None)


def test_a_mailbox_that_takes_nothing_says_whether_to_come_again(postoffice: Callable[..., Any], tmp_path: Path) -> None:
    office = postoffice()
    for code, error in ((550, ValueError), (451, ConnectionError)):
        office.refuses = {"desk": code}
        with pytest.raises(error, match="'desk': 127"):
            _means(tmp_path, office.port).do(_job(title="a", text="b"))
    with pytest.raises(ConnectionError, match="'desk'"):
        _means(tmp_path, 9).do(_job(title="a", text="b"))


def test_what_is_no_ticket_is_not_sent(tmp_path: Path) -> None:
    server = MailServer(server="127.0.0.1", tls="none", sender="wk@example.org", to=("desk@example.org",))
    with pytest.raises(ValueError, match="needs `title` and `text`"):
        ticket(_job(title="a"), server, datetime.now(UTC))
    with pytest.raises(ValueError, match="does open_ticket and not 'notify'"):
        _means(tmp_path, 9, "notify")

"""Mail is handed over to a real server, and what it says decides whether to come again."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

import pytest

from watchkeeper.outbound.smtp import MailServer, RefusedMailError, hand_over


def _mail() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "wk@example.org", "a@example.org, b@example.org", "x"
    made.set_content("y")
    return made


def _to(office: Any, **otherwise: object) -> MailServer:
    told = {"server": "127.0.0.1", "port": office.port, "tls": "none", "sender": "wk@example.org", "to": ["a@example.org", "b@example.org"]}
    return MailServer.model_validate(told | otherwise)


def test_it_is_taken_and_who_does_not_get_it_is_named(postoffice: Callable[..., Any]) -> None:
    office = postoffice()
    office.refuses = {"b@example.org": 550}
    assert hand_over(_mail(), _to(office), lambda _: "") == ("b@example.org",)
    [(_, to, _)] = office.envelopes
    assert "a@example.org" in to[0]


@pytest.mark.parametrize(("code", "error"), [(550, RefusedMailError), (451, ConnectionError)])
def test_a_refusal_says_whether_to_come_again(postoffice: Callable[..., Any], code: int, error: type[Exception]) -> None:
    office = postoffice()
    office.refuses = {"example.org": code}
    with pytest.raises(error, match="takes mail for none of"):
        hand_over(_mail(), _to(office), lambda _: "")


def test_a_password_shows_in_no_error(postoffice: Callable[..., Any]) -> None:
    office = postoffice()
    office.logins = {"wk": "right"}
    login = _to(office).model_copy(update={"user": "wk", "password": "env:P"})
    with pytest.raises(ConnectionError, match="535") as caught:
        hand_over(_mail(), login, lambda _: "hunter2" * 2)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("told", [{"server": "mail.example.org"}, {"user": "wk"}, {"sender": "a b"}, {"to": []}, {"to": ["a@b\r\nX: c"]}])
def test_what_is_not_safe_is_refused_when_it_is_read(postoffice: Callable[..., Any], told: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"in clear|both user and password|no mail address|at least 1"):
        _to(postoffice(), **told)

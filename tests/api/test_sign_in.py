"""Signing in: who shows login, password and code is let in; who guesses is slowed and told nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from pyotp.totp import TOTP
from tests.api.conftest import NOW, PASSWORD

from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform
from watchkeeper.model.audit import Happened
from watchkeeper.model.user import User
from watchkeeper.store.people import People

Users = Callable[..., User]
Visitor = Callable[..., TestClient]
_CROSS = {"Sec-Fetch-Site": "cross-site"}


def _shown(login: str = "rosa", password: str = PASSWORD, code: str = "") -> dict[str, str]:
    return {"login": login, "password": password, "code": code}


def test_a_session_lets_in_and_ends(visitor: Visitor, people: People) -> None:
    browser = visitor("rosa", ("acme", "viewer"))
    me = browser.get("/api/me").json()
    assert (me["name"], me["tenant"], me["form_token"]) == ("rosa", "acme", browser.headers["X-Watchkeeper-Form"])
    assert browser.post("/api/sign-out").status_code == 204
    assert browser.get("/api/me").status_code == 401
    assert [(one.what, one.who, one.tenant, one.outcome) for one in people.audit.newest(limit=2)] == [
        ("sign-out", "rosa", "acme", "done"),
        ("sign-in", "rosa", "acme", "done"),
    ]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(platform: Platform, user: Users) -> None:
    user("rosa", ("*", "admin"))
    plain = TestClient(build(platform)).post("/api/sign-in", json=_shown()).headers["set-cookie"]
    secure = TestClient(build(replace(platform, secure=True))).post("/api/sign-in", json=_shown()).headers["set-cookie"]
    assert plain.startswith("watchkeeper=wkp_")
    assert secure.startswith("__Host-watchkeeper=wkp_")
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in plain
        assert part in secure
    assert ("Secure" in plain, "Secure" in secure) == (False, True)


def test_a_session_ends_by_itself(platform: Platform, visitor: Visitor) -> None:
    browser = visitor("rosa", ("*", "viewer"))
    cookies = dict(browser.cookies)

    def later(**after: float) -> int:
        clock = lambda: NOW + timedelta(**after)  # noqa: E731 -- it is handed over at once
        return TestClient(build(replace(platform, clock=clock)), cookies=cookies).get("/api/me").status_code

    assert (later(minutes=59), later(minutes=118)) == (200, 200), "what is done keeps it"
    assert later(minutes=180) == 401, "nothing was done for an hour"
    for minutes in range(30, 720, 30):
        later(minutes=minutes)
    assert later(minutes=720) == 401, "twelve hours are the end"


def test_what_changes_something_needs_the_form_token_and_this_site(visitor: Visitor) -> None:
    browser = visitor("rosa", ("*", "admin"))
    asked = {"name": "t", "role": "viewer", "scopes": ["read"]}
    form = browser.headers.pop("X-Watchkeeper-Form")
    assert browser.post("/api/tokens", json=asked).status_code == 403
    other = {"Origin": "https://evil.example"}
    for headers in ({"X-Watchkeeper-Form": "0" * 64}, *({"X-Watchkeeper-Form": form} | of for of in (other, {"Origin": "null"}, _CROSS))):
        assert browser.post("/api/tokens", json=asked, headers=headers).status_code == 403, headers
    assert browser.post("/api/tokens", json=asked, headers={"X-Watchkeeper-Form": form, "Origin": "http://testserver"}).status_code == 201
    assert browser.post("/api/sign-in", json=_shown(), headers=other).status_code == 403


def test_an_unknown_user_a_wrong_password_and_a_disabled_user_are_told_alike(client: TestClient, user: Users, people: People) -> None:
    disabled = user("old", ("*", "admin"))
    user("rosa", ("*", "admin"))
    told = Happened(time=NOW, tenant="*", who="x", what="user disabled")
    people.keep_user(disabled.model_copy(update={"disabled": NOW}), told)
    answers = [client.post("/api/sign-in", json=_shown(*one)) for one in (("nobody", PASSWORD), ("rosa", "wrong"), ("old", PASSWORD))]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    refused = people.audit.newest(limit=3)
    assert [(one.who, one.outcome) for one in refused] == [("old", "refused"), ("rosa", "refused"), ("unknown login", "refused")]


@pytest.mark.parametrize("login", ["rosa", "nobody"])
def test_who_guesses_waits_longer_each_time_whether_there_is_such_a_user_or_not(platform: Platform, user: Users, login: str) -> None:
    user("rosa", ("*", "admin"))
    now = [NOW]
    client = TestClient(build(replace(platform, clock=lambda: now[0])))
    waits: list[int] = []
    for _ in range(8):
        answer = client.post("/api/sign-in", json=_shown(login, "wrong"))
        while answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            now[0] += timedelta(seconds=waits[-1])
            answer = client.post("/api/sign-in", json=_shown(login, "wrong"))
        assert answer.status_code == 401
    assert waits == [2, 3, 5], "after the fifth, sixth and seventh failure: 1, 2 and 4 seconds, and a moment more"
    right = client.post("/api/sign-in", json=_shown(login))
    assert right.status_code == 429, "the right password has to wait as well"


def test_codes_of_the_second_factor_count_once(platform: Platform, visitor: Visitor) -> None:
    now = [NOW]
    browser = visitor("rosa", ("*", "admin"))
    browser.app.state.platform = replace(platform, clock=lambda: now[0])  # type: ignore[attr-defined] -- an application of FastAPI's
    assert browser.post("/api/me/second-factor", json={"password": "wrong"}).status_code == 403
    offered = browser.post("/api/me/second-factor", json={"password": PASSWORD}).json()
    assert offered["address"].startswith("otpauth://totp/Watchkeeper:rosa?secret=" + offered["secret"])
    codes = TOTP(offered["secret"])
    assert browser.post("/api/me/second-factor/confirm", json={"code": "000000"}).status_code == 422
    other = TestClient(browser.app)
    assert other.post("/api/sign-in", json=_shown()).status_code == 200, "it does not count before it is confirmed"
    recovery = browser.post("/api/me/second-factor/confirm", json={"code": codes.at(now[0])}).json()["codes"]
    assert (len(recovery), len(set(recovery))) == (10, 10)

    assert other.post("/api/sign-in", json=_shown()).json()["detail"] == "a code of the second factor is needed"
    assert other.post("/api/sign-in", json=_shown(code=codes.at(now[0]))).status_code == 401, "it was used to confirm"
    now[0] += timedelta(seconds=30)
    assert other.post("/api/sign-in", json=_shown(code=codes.at(now[0] + timedelta(seconds=90)))).status_code == 401
    assert other.post("/api/sign-in", json=_shown(code=codes.at(now[0] + timedelta(seconds=30)))).status_code == 200, (
        "a clock that is ahead"
    )
    assert other.post("/api/sign-in", json=_shown(code=codes.at(now[0]))).status_code == 401, "older than one that was used"
    assert other.post("/api/sign-in", json=_shown(code=recovery[0].lower().replace("-", " "))).status_code == 200
    now[0] += timedelta(hours=1)
    assert other.post("/api/sign-in", json=_shown(code=recovery[0])).status_code == 401
    assert other.post("/api/sign-in", json=_shown(code=recovery[1])).status_code == 200
    other.headers["X-Watchkeeper-Form"] = other.get("/api/me").json()["form_token"]
    assert other.post("/api/me/second-factor/end", json={"password": PASSWORD, "code": "0"}).status_code == 403
    assert other.post("/api/me/second-factor/end", json={"password": PASSWORD, "code": codes.at(now[0])}).status_code == 204
    assert other.post("/api/sign-in", json=_shown()).status_code == 200

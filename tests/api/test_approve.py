"""Answering by a link: for one person, one proposal, one answer, in time; looking changes nothing; what is hostile stays in its place."""

import base64
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.api.conftest import NOW, served
from tests.reporting.test_browser import CHROMIUM, Tab, tab

from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform
from watchkeeper.autopilot.action_telling import LinkFor
from watchkeeper.autopilot.approval_links import KEY, links_for
from watchkeeper.brain.ethics.acting import propose
from watchkeeper.model.audit import Happened
from watchkeeper.model.entity import Entity
from watchkeeper.model.language import LANGUAGES, Language
from watchkeeper.model.proposal import ActionRecord, Proposal
from watchkeeper.model.user import User

HOSTILE = '<script>alert(1)</script>"\x1b[31m\u202e=cmd|A1'


@pytest.fixture
def browser(acting: Platform) -> TestClient:
    """Somebody with a link, who is not signed in."""
    return TestClient(build(acting), headers={"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"})


@pytest.fixture
def link_for(acting: Platform, user: Callable[..., User]) -> LinkFor:
    """Give what makes links for ann, bob and others, as paths of the server."""
    for login in ("ann", "bob"):
        user(login, ("default", "responder"))
    user("vera", ("default", "analyst"))
    user("zoe", ("other", "responder"))
    return links_for("", acting.state)


def _proposal(*values: str, asked_by: str = "person:ann", **more: object) -> Proposal:
    told = {
        "tenant": "default", "incident": "", "action": "add_indicator", "evidence": (), "kinds": (), "confidence": 0.0, "blast_radius": 1,
        "undoable": True, "expiry_seconds": 3_600, "asked_by": asked_by,
        "targets": tuple(Entity(kind="address", value=one) for one in values or ("203.0.113.7",)),
    }  # fmt: skip
    return Proposal.model_validate(told | more)


def _waiting(acting: Platform, proposal: Proposal | None = None) -> ActionRecord:
    desk = acting.action_desk(acting.stores("default"))
    record = propose(desk.store.ledger(desk.audit), proposal or _proposal(), desk.about())
    assert record.state == "waiting", record.ruling
    return record


def _state(acting: Platform, record: ActionRecord) -> str:
    return acting.action_desk(acting.stores("default")).action(record.id).record.state


def test_looking_changes_nothing_and_one_answer_is_taken(browser: TestClient, acting: Platform, link_for: LinkFor) -> None:
    record = _waiting(acting)
    link = link_for(record, "bob")
    before = acting.people.audit.newest()
    for _ in range(3):
        page = browser.get(link)
        assert page.status_code == 200
    assert _state(acting, record) == "waiting"
    assert acting.people.audit.newest() == before
    said = unescape(re.sub("<[^>]+>", "", page.text))
    assert all(one in said for one in ("bob", "203.0.113.7", "it can be taken back", "1 h", "0 of 1 agree", record.proposal.digest[:16]))
    assert "another person has to approve" in said, "the ruling's reasons stand on the page"
    assert not re.search("<script|<img|javascript:|http://|https://", page.text)
    taken = browser.post(link, data={"word": "approve", "why": "seen it too"})
    assert (taken.status_code, _state(acting, record)) == (200, "verified"), taken.text
    [word] = acting.action_desk(acting.stores("default")).action(record.id).approvals
    assert (word.by, word.way, word.why, word.digest) == ("bob", "link", "seen it too", record.proposal.digest)
    for again in (browser.get(link), browser.post(link, data={"word": "deny"})):
        assert (again.status_code, "you answered already" in again.text.lower()) == (410, True)
    assert _state(acting, record) == "verified"


def test_a_denial_ends_it_and_other_links_say_so(browser: TestClient, acting: Platform, link_for: LinkFor) -> None:
    record = _waiting(acting, _proposal(asked_by="person:zed"))
    assert browser.post(link_for(record, "bob"), data={"word": "deny", "why": "ours"}).status_code == 200
    assert _state(acting, record) == "denied"
    other = browser.get(link_for(record, "ann"))
    assert (other.status_code, "nobody is asked" in other.text.lower()) == (410, True)


def test_every_refusal_is_a_plain_page(browser: TestClient, acting: Platform, link_for: LinkFor) -> None:
    record = _waiting(acting)
    link = link_for(record, "bob")
    late = record.model_copy(update={"deadline": NOW})
    nobody = record.model_copy(update={"proposal": _proposal("198.51.100.1")})
    wrong = {
        link[:-2] + ("AA" if link[-2:] != "AA" else "BB"): 404, "/approve/0": 404, f"/approve/{'a' * 3_000}": 404, "/approve/ü%00": 404,
        link_for(late, "bob"): 410, link_for(nobody, "bob"): 404, link_for(record, "ann"): 403, link_for(record, "vera"): 403,
        link_for(record, "zoe"): 403, link_for(record, "nobody"): 403,
    }  # fmt: skip
    for path, status in wrong.items():
        for answer in (browser.get(path), browser.post(path, data={"word": "approve"})):
            assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8"), path
            assert "form-action 'self'" in answer.headers["content-security-policy"]
            assert "<form" not in answer.text
    for body in ({}, {"word": "yes"}, {"word": ""}, {"why": "x" * 40_000, "word": "approve"}):
        assert browser.post(link, data=body).status_code == 422, body
    assert browser.post(link, content=b"\xff\xfe&word=approve").status_code == 422
    assert _state(acting, record) == "waiting"


def test_who_was_disabled_or_lost_the_role_answers_nothing(browser: TestClient, acting: Platform, link_for: LinkFor) -> None:
    record = _waiting(acting)
    link = link_for(record, "bob")
    [bob] = [one for one in acting.people.users() if one.login == "bob"]
    for changed in ({"disabled": NOW}, {"roles": (("default", "analyst"),)}, {"roles": (("other", "admin"),)}):
        acting.people.keep_user(bob.model_copy(update=changed), Happened(time=NOW, tenant="*", who="x", what="user changed", on="bob"))
        assert browser.get(link).status_code == 403, changed
        assert browser.post(link, data={"word": "approve"}).status_code == 403, changed
    assert _state(acting, record) == "waiting"


def test_another_site_cannot_answer(browser: TestClient, acting: Platform, link_for: LinkFor) -> None:
    record = _waiting(acting)
    link = link_for(record, "bob")
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        assert browser.post(link, data={"word": "approve"}, headers=headers).status_code == 403, headers
    assert _state(acting, record) == "waiting"
    assert browser.get(link).headers["referrer-policy"] == "same-origin", "else browsers send the form with the origin `null`"


def test_a_changed_proposal_voids_the_link(browser: TestClient, acting: Platform, link_for: LinkFor) -> None:
    record = _waiting(acting)
    link = link_for(record, "bob")
    changed = _waiting(acting, _proposal(expiry_seconds=7_200))
    assert changed.id == record.id
    for answer in (browser.get(link), browser.post(link, data={"word": "approve"})):
        assert (answer.status_code, "was changed after" in answer.text) == (409, True)
    assert _state(acting, record) == "waiting"
    assert browser.get(link_for(changed, "bob")).status_code == 200


def test_another_key_voids_every_link(browser: TestClient, acting: Platform, link_for: LinkFor) -> None:
    link = link_for(_waiting(acting), "bob")
    (acting.state / KEY).unlink()
    assert browser.get(link).status_code == 404
    assert (acting.state / KEY).stat().st_mode & 0o777 == 0o600


def test_what_is_hostile_is_shown_and_does_nothing(browser: TestClient, acting: Platform, link_for: LinkFor) -> None:
    about = {"arguments": {HOSTILE: HOSTILE}, "kinds": (HOSTILE,), "targets": (Entity(kind="domain", value=f"evil.example/{HOSTILE}"),)}
    record = _waiting(acting, _proposal(**about))
    for lang in ("en", "zh"):
        page = browser.get(link_for(record, "bob"), params={"lang": lang})
        assert page.status_code == 200
        assert "&lt;script&gt;" in page.text
        assert not re.search("<script|\x1b|\u202e", page.text)
    taken = browser.post(link_for(record, "bob"), data={"word": "deny", "why": HOSTILE})
    assert taken.status_code == 200
    assert "<script" not in taken.text


def test_the_language_is_the_persons_choice(browser: TestClient, acting: Platform, link_for: LinkFor) -> None:
    link = link_for(_waiting(acting), "bob")
    assert "Please decide" in browser.get(link).text
    assert "请决定" in browser.get(link, headers={"Accept-Language": "zh-CN,zh;q=0.9"}).text
    assert "Please decide" in browser.get(f"{link}?lang=en", headers={"Accept-Language": "zh-CN"}).text
    zh = browser.get(f"{link}?lang=zh").text
    assert ('action="?lang=zh"' in zh, 'href="?lang=en"' in zh) == (True, True)
    assert "您已拒绝" in browser.post(f"{link}?lang=zh", data={"word": "deny"}).text


def test_two_people_answer_where_something_is_protected(acting: Platform, link_for: LinkFor) -> None:
    (acting.state / "assets.yml").write_text("assets:\n- {name: gate, protected: true, addresses: ['203.0.113.7']}\n", "utf-8")
    careful = replace(acting, assets=acting.state / "assets.yml")
    browser = TestClient(build(careful))
    record = _waiting(careful, _proposal(asked_by="person:zed"))
    assert record.ruling.approvals == 2
    assert browser.post(link_for(record, "bob"), data={"word": "approve"}).status_code == 200
    assert _state(acting, record) == "waiting"
    assert browser.get(link_for(record, "bob")).status_code == 410
    assert "1 of 2" in re.sub("<[^>]+>", "", browser.get(link_for(record, "ann")).text)
    assert browser.post(link_for(record, "ann"), data={"word": "approve"}).status_code == 200
    assert _state(acting, record) == "verified"


def test_a_link_ends_with_the_time_to_answer(browser: TestClient, acting: Platform, link_for: LinkFor) -> None:
    record = _waiting(acting)
    assert record.deadline is not None
    assert record.deadline > NOW
    early = record.model_copy(update={"deadline": NOW + timedelta(seconds=1)})
    assert browser.get(link_for(early, "bob")).status_code == 200


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; on Debian: apt-get install chromium fonts-noto-cjk")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_browser_shows_the_page_and_sends_the_answer(acting: Platform, link_for: LinkFor, tmp_path: Path, lang: Language) -> None:
    record = _waiting(acting, _proposal(arguments={HOSTILE: HOSTILE}, kinds=(HOSTILE,)))
    with served(acting) as url, tab(tmp_path / "profile") as browser:
        browser.open(f"{url}{link_for(record, 'bob')}?lang={lang}")
        assert browser.value("getComputedStyle(document.querySelector('button.yes')).fontWeight") == "650", "our style is let in"
        assert browser.value("document.querySelectorAll('script, img, link').length") == 0
        assert HOSTILE[:25] in browser.value("document.body.innerText")
        _picture(browser, f"asked-{lang}")
        browser.value("document.querySelector('#why').value = 'seen it too'")
        browser.click("button.yes")
        browser.wait()
        assert {"en": "You approved it", "zh": "您已批准"}[lang] in browser.value("document.body.innerText")
        _picture(browser, f"taken-{lang}")
    [word] = acting.action_desk(acting.stores("default")).action(record.id).approvals
    assert (word.by, word.way, word.why) == ("bob", "link", "seen it too")


def _picture(browser: Tab, name: str) -> None:
    """Paint the page; where a folder is named, leave it there for a person to look at."""
    painted = base64.b64decode(browser.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])
    assert len(painted) > 10_000
    if folder := os.environ.get("WATCHKEEPER_PICTURES"):
        (Path(folder) / f"approve-{name}.png").write_bytes(painted)

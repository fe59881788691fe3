"""Reports as people ask for them: from a real state folder, in both languages and every form, into a file or onto the screen."""

import csv
import io
import json
import re

import pytest
from tests.cli.conftest import Acted

LATE = ("--until", "2025-04-01T12:00:00Z")
WEEK = ("--until", "2025-04-04T00:00:00Z")


def _plain(text: str) -> str:
    """Give a page or Markdown as one reads it."""
    return re.sub(r"<[^>]*>|\\", "", text)


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "en",
            ("What was done", "seen to work", "bob", "seen it", "answers: 1, of people who have to approve: 1", "tried without success"),
        ),
        ("zh", ("已采取的处置", "已证实生效", "bob", "seen it", "需要 1 人批准", "曾尝试但失败")),
    ],
)
def test_an_incident_says_what_was_done(acted: Acted, lang: str, words: tuple[str, ...]) -> None:
    for form in ("html", "md"):
        text = _plain(acted.says("report", "incident", acted.ws1[:8], "--lang", lang, "--format", form))
        assert [one for one in words if one not in text] == []
    assert "<b>too</b>" not in acted.says("report", "incident", acted.ws1, "--lang", lang)
    other = acted.says("report", "incident", acted.ws2, "--lang", lang, "--format", "md")
    assert "bob" not in other


def test_only_what_was_carried_out_counts_as_done(acted: Acted) -> None:
    told = json.loads(acted.says("report", "incident", acted.ws1, "--format", "json"))
    check = told["incidents"][0]["verification"]
    assert (check["executed"], check["effective"]) == (2, 2)


@pytest.mark.parametrize(("lang", "title", "waits"), [("en", "Shift hand-over", "Waiting for people"), ("zh", "值班交接", "等待人员答复")])
def test_a_hand_over_says_what_is_open_waits_failed_and_is_in_force(acted: Acted, lang: str, title: str, waits: str) -> None:
    for form in ("html", "md"):
        text = _plain(acted.says("report", "shift", *LATE, "--lang", lang, "--format", form))
        assert title in text
        assert waits in text
        assert "the firewall is gone" in text


def test_a_hand_over_counts_each_action_where_it_stands_at_the_end_of_the_shift(acted: Acted) -> None:
    def count(until: str) -> dict[str, int]:
        told = json.loads(acted.says("report", "shift", "--until", until, "--format", "json"))
        return {name: len(told["actions"][name]) for name in ("waiting", "in_force", "ending", "failed", "ended")}

    assert count("2025-04-01T12:00:00Z") == {"waiting": 1, "in_force": 2, "ending": 0, "failed": 1, "ended": 0}
    assert count("2025-04-01T14:00:00Z") == {"waiting": 1, "in_force": 2, "ending": 1, "failed": 1, "ended": 0}
    assert count("2025-04-01T09:00:00Z") == {"waiting": 1, "in_force": 0, "ending": 0, "failed": 0, "ended": 0}
    rows = list(csv.DictReader(io.StringIO(acted.says("report", "shift", *LATE, "--format", "csv"))))
    assert [(one["kind"], one["state"]) for one in rows if one["kind"] == "action"] == [
        ("action", "waiting"), ("action", "verified"), ("action", "verified"), ("action", "failed"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("Actions carried out: 2", "People were asked to approve actions: 2; answered: 1", "lowered its own rights", "not known")),
        ("zh", ("执行动作 2 个", "请人员批准动作 2 次，已答复 1 次", "自行降级 1 次", "无法得知")),
    ],
)
def test_a_week_says_what_was_asked_answered_done_and_taken_back(acted: Acted, lang: str, words: tuple[str, ...]) -> None:
    text = _plain(acted.says("report", "week", *WEEK, "--lang", lang, "--format", "md"))
    assert [one for one in words if one not in text] == []
    assert "<!doctype html>" in acted.says("report", "week", *WEEK, "--lang", lang)


def test_a_week_s_table_has_its_figures_demotions_and_noise(acted: Acted) -> None:
    rows = {one["figure"]: one["value"] for one in csv.DictReader(io.StringIO(acted.says("report", "week", *WEEK, "--format", "csv")))}
    asked = ("actions-done", "actions-failed", "approvals-asked", "approvals-answered", "approvals-lapsed", "demotions", "open")
    assert [float(rows[one]) for one in asked] == [2, 1, 2, 1, 0, 1, 1]
    assert rows["level taken back: block_address on *"] == "L2"
    assert rows["signals of rule: Evil runs"] == "2"
    assert rows["detection"] == ""


def test_a_report_goes_into_a_file_and_the_same_twice(acted: Acted) -> None:
    out = acted.state / "week.html"
    assert "weekly posture written to" in acted.says("report", "week", *WEEK, "--out", str(out))
    assert "Weekly posture" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("incident", "nonesuch"), "0 incidents begin with 'nonesuch'"),
        (("incident", "0", "--format", "csv"), "--format 'csv' is not known"),
        (("shift", "--until", "yesterday"), "--until 'yesterday' is no time"),
        (("week", "--format", "pdf"), "--format 'pdf' is not known; choose one of html, md, csv, json"),
        (("week", "--out", "/nowhere/week.html"), "/nowhere"),
    ],
)
def test_what_cannot_be_written_is_one_plain_line(acted: Acted, words: tuple[str, ...], said: str) -> None:
    told = acted.says("report", *words, code=2)
    assert said in told
    assert len(told.strip().splitlines()) == 1


def test_another_tenant_sees_nothing_of_it(acted: Acted) -> None:
    told = json.loads(acted.says("report", "shift", *LATE, "--format", "json", "--tenant", "acme"))
    assert (told["open"], told["actions"]["waiting"], told["actions"]["in_force"]) == ([], [], [])

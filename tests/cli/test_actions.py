"""Actions as people type them: listed, approved by two people who are known, carried out at a real place, and taken back by one command."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchkeeper.autopilot.content_build import build
from watchkeeper.bundle.minisign import new_key
from watchkeeper.bundle.recipe import read_recipe
from watchkeeper.bundle.trusted import trust
from watchkeeper.cli import app

ADDRESS = "203.0.113.7"
PROPOSE = ("actions", "propose", "block_address", f"address:{ADDRESS}", "--why", "it beacons", "--radius", "1")


def _says(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output
    return result.output


def _id() -> str:
    [one] = [json.loads(line) for line in _says("actions", "--all", "--json").splitlines()]
    return one["id"][:9]


def _blocked() -> str:
    """Let one address be asked for and approved; give the id of the action."""
    _says(*PROPOSE)
    action = _id()
    _says("actions", "approve", action, "--why", "seen it too", "--by", "bob")
    return action


def test_what_a_person_asks_for_is_done_when_another_one_approves(firewall: Path) -> None:
    assert "waits for people" in _says(*PROPOSE)
    action = _id()
    assert "0 of 1 answered" in _says("actions", "--waiting")
    assert "nothing is in force" in _says("actions")
    assert firewall.read_text("utf-8") == ""
    answered = _says("actions", "approve", action, "--why", "seen it too", "--by", "bob")
    assert "seen to work" in answered
    assert "looked ␛[1m" in answered
    assert firewall.read_text("utf-8") == ADDRESS
    listed = _says("actions")
    assert all(said in listed for said in (action, ADDRESS, "person:ann", "edge", "ends 2"))
    assert "已证实生效" in _says("actions", "--lang", "zh")


def test_a_whole_list_of_a_signed_bundle_is_asked_for_and_what_of_it_is_left_out_is_said(
    firewall: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WATCHKEEPER_RULES", str(tmp_path / "rules"))
    (tmp_path / "bad.csv").write_text("11.0.0.1\n11.0.0.2\n10.0.0.1\n", "utf-8")
    recipe = tmp_path / "recipe.yml"
    recipe.write_text("name: weekly\nparts:\n  - {kind: intel, path: bad.csv, licence: CC0-1.0}\n", "utf-8")
    key = new_key(b"\x07" * 32, b"\x01\x02\x03\x04\x05\x06\x07\x08")
    bundle = build(read_recipe(recipe), tmp_path / "weekly.wkc", datetime(2026, 5, 1, tzinfo=UTC), key).bundle.path
    trust(firewall.parent / "state", key.public)
    _says("content", "install", str(bundle))
    assert "lists to act on: bad" in _says("content", "show")
    propose = ("actions", "propose", "block_address", "--why", "the weekly list", "--radius", "1", "--list")
    assert "there is bad: `watchkeeper content show`" in _says(*propose, "other", code=2)
    assert "name the one or the other" in _says(*propose, "bad", f"address:{ADDRESS}", code=2)
    told = _says(*propose, "bad", code=0)
    assert "2 of the list bad; left out: 0 expired, 1 private, 0 your own, 0 on an allow-list" in told
    assert "waits for people" in told


def test_an_undo_is_carried_out_by_the_command_itself(firewall: Path) -> None:
    action = _blocked()
    assert "seen to work" in _says("actions", "check", action)
    assert "say why" in _says("actions", "undo", action, "--why", " ", code=2)
    assert "taken back" in _says("actions", "undo", action, "--why", "a customer of ours", "--by", "vera")
    assert firewall.read_text("utf-8") == ""
    assert "nothing is in force" in _says("actions")
    assert "nothing of it is in force" in _says("actions", "undo", action, "--why", "again", code=2)
    told = _says("actions", "show", action)
    assert all(said in told for said in ("vera: undo begun", "bob agrees (cli) seen it too", "it does not work; looked"))
    seen = json.loads(_says("actions", "show", action, "--json"))
    assert (seen["record"]["ended_by"], [one["by"] for one in seen["approvals"]]) == ("person:vera", ["bob"])
    assert [one["what"] for one in seen["entries"]][-2:] == ["undo begun", "action undone"]


def test_a_place_that_does_not_answer_leaves_it_to_be_tried_again(firewall: Path) -> None:
    action = _blocked()
    firewall.rename(firewall.with_suffix(".away"))
    told = _says("actions", "undo", action, "--why", "a mistake", code=1)
    assert "being taken back" in told
    assert "No such file" in told
    assert action in _says("actions"), "something of it may be in force"
    firewall.with_suffix(".away").rename(firewall)
    assert "taken back" in _says("actions", "undo", action, "--why", "a mistake")
    assert firewall.read_text("utf-8") == ""


def test_only_people_who_are_known_and_may_decide_it(firewall: Path) -> None:
    _says(*PROPOSE)
    action = _id()
    approve = ("actions", "approve", action, "--why", "yes")
    assert "'ann' asked for" in _says(*approve, code=2)
    assert "no responder of tenant 'default'" in _says(*approve, "--by", "vera", code=2)
    assert "there is no user 'zoe'" in _says(*approve, "--by", "zoe", code=2)
    assert "not as you saw it" in _says(*approve, "--by", "bob", "--digest", "0000", code=2)
    assert "people said no" in _says("actions", "deny", action, "--why", "our own scanner", "--by", "vera")
    assert "nobody is asked about it any more" in _says(*approve, "--by", "bob", code=2)
    assert firewall.read_text("utf-8") == ""


def test_one_person_is_one_approval(firewall: Path) -> None:
    """What nobody knows the reach of takes two, and who says it twice is still one."""
    _says(*PROPOSE[:-2])
    action = _id()
    approve = ("actions", "approve", action, "--why", "yes", "--by")
    assert "1 of 2 people agree" in _says(*approve, "bob")
    assert "1 of 2 people agree" in _says(*approve, "bob")
    _says("users", "role", "vera", "responder")
    assert "seen to work" in _says(*approve, "vera")
    assert firewall.read_text("utf-8") == ADDRESS


def test_what_a_log_wrote_does_nothing_to_the_screen(firewall: Path) -> None:
    evil = "203.0.113.9\x1b[31m\u202e=cmd\n"
    _says("actions", "propose", "block_address", f"address:{evil}", "--why", "it beacons", "--argument", f"host={evil}", code=1)
    action = _id()
    assert "203.0.113.9␛[31m\\u202e=cmd␊" in _says("actions", "--all")
    assert "host: 203.0.113.9␛[31m" in _says("actions", "show", action)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("actions", "--all", "--waiting"), "exclude each other"),
        (("actions", "--server", "https://localhost:1"), "no API token"),
        (("actions", "show", "zz"), "no action begins with 'zz'"),
        ((*PROPOSE[:3], "203.0.113.7", "--why", "x"), "write KIND:VALUE"),
        ((*PROPOSE[:3], "planet:mars", "--why", "x"), "'planet' is no kind of target"),
        ((*PROPOSE, "--argument", "host"), "write NAME=VALUE"),
        (("actions", "propose", "launch", "host:a", "--why", "x"), "the catalogue has no action 'launch'"),
        ((*PROPOSE, "--incident", "abc"), "0 incidents begin with 'abc'"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(words: tuple[str, ...], said: str, firewall: Path) -> None:
    assert said in _says(*words, code=2)


def test_the_newest_are_listed_and_the_rest_is_told_of(firewall: Path) -> None:
    for number in range(3):
        _says(*PROPOSE, "--wave", str(number))
    assert "these are the newest 2; there are more" in _says("actions", "--waiting", "--most", "2")
    assert "there are more" not in _says("actions", "--waiting", "--most", "3")

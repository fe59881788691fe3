"""Policy as people type it: who may change it, that two have to, that it is announced where one is alone, and what stops everything."""

import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from watchkeeper.cli import app

ADDRESS = "203.0.113.7"
PROPOSE = ("actions", "propose", "block_address", f"address:{ADDRESS}", "--why", "it beacons", "--radius", "1")
PROMOTE = ("policy", "promote", "block_address", "other", "--why", "it worked each time", "--by", "dora")


def _says(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def _changes() -> list[tuple[str, str]]:
    seen = json.loads(_says("policy", "show", "--json"))
    return [(one["id"][:10], one["state"]) for one in seen["changes"]]


def _level() -> str:
    return next(one["level"] for one in json.loads(_says("policy", "levels", "--json")) if one["record"]["action"] == "block_address")


def test_where_one_admin_is_alone_a_promotion_is_announced_and_can_be_cancelled(firewall: Path) -> None:
    assert "the policy that ships is in force" in _says("policy", "show")
    assert "no admin of tenant" in _says(*PROMOTE[:-1], "ann", code=2)
    said = _says(*PROMOTE)
    assert "announced, in force from" in said
    assert "block_address on other to L3" in said
    [(change, state)] = _changes()
    assert state == "announced"
    assert "so somebody else has to agree" in _says("policy", "agree", change, "--by", "dora", code=2)
    assert "已取消" in _says("policy", "cancel", change, "--why", "too early", "--by", "vera", "--lang", "zh")
    assert _changes() == [(change, "cancelled")]


def test_two_admins_promote_and_see_the_record_and_anybody_lowers(firewall: Path) -> None:
    _says("users", "role", "bob", "admin")
    _says(*PROPOSE)
    [action] = [json.loads(line)["id"] for line in _says("actions", "--all", "--json").splitlines()]
    _says("actions", "approve", action, "--why", "yes", "--by", "bob")
    assert _level() == "L2"
    assert "a second person has to agree" in _says(*PROMOTE)
    assert _level() == "L2", "one admin is not enough"
    said = _says("policy", "agree", _changes()[0][0], "--by", "bob")
    assert "in force" in said
    assert "1 done" in said, "the record that was measured stands with it"
    assert _level() == "L3"
    table = _says("policy", "levels")
    assert "L3 by dora" in table
    assert "is at L1 from now on" in _says("policy", "lower", "block_address", "other", "L1", "--why", "not sure", "--by", "vera")
    assert _level() == "L1"
    assert "L9" in _says("policy", "lower", "block_address", "other", "L9", "--why", "x", code=2)


def test_a_policy_is_written_changed_and_asked_for(firewall: Path, tmp_path: Path) -> None:
    file = tmp_path / "policy.yml"
    file.write_text(_says("policy", "show", "--whole"), "utf-8")
    policy = yaml.safe_load(file.read_text("utf-8"))
    change = ("policy", "change", str(file), "--why", "nights are quiet", "--by", "dora")
    file.write_text(yaml.safe_dump(policy | {"never": ["gateway"]}), "utf-8")
    assert "in force" in _says(*change), "what allows less needs nobody else where one is alone"
    assert "the policy of change" in _says("policy", "show")
    assert json.loads(_says("policy", "show", "--json"))["policy"]["never"] == ["gateway"]
    file.write_text(yaml.safe_dump(policy | {"kinds": 1}), "utf-8")
    assert "kinds" in _says(*change, code=2)
    file.write_text("- no policy", "utf-8")
    assert "is no policy" in _says(*change, code=2)
    file.write_text("a: [", "utf-8")
    assert "is no YAML" in _says(*change, code=2)


@pytest.mark.parametrize("scope", [(), ("--every-tenant",)])
def test_a_brake_stops_everything_and_an_admin_releases_it(scope: tuple[str, ...], firewall: Path) -> None:
    _says("users", "role", "dora", "admin", "--tenant", "*")
    assert "nothing is done" in _says("brake", "on", "--why", "I do not know what it is doing", "--by", "vera", *scope)
    assert "it is doing" in _says("brake")
    assert "refused" in _says(*PROPOSE, code=1)
    assert firewall.read_text("utf-8") == ""
    assert "no admin of tenant" in _says("brake", "off", "--why", "it is well", "--by", "vera", *scope, code=2)
    assert "everything is decided" in _says("brake", "dry-run", "--why", "let us see", "--by", "vera", *scope)
    assert "the brake is on" in _says("brake"), "a dry run releases nothing"
    assert "no brake is on" in _says("brake", "off", "--why", "it is well", "--by", "dora", *scope)
    assert "没有刹车" in _says("brake", "--lang", "zh")

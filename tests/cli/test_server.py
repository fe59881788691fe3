"""Commands that speak to a server: the same words and the same output as over a state folder, and plain errors where it cannot be."""

import shutil
from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.api.conftest import served
from typer.testing import CliRunner

from watchkeeper.access.tokens import digest, new_id, new_secret
from watchkeeper.api.platform import Platform
from watchkeeper.autopilot import Options, investigate
from watchkeeper.autopilot.action_desk import ActionDesk
from watchkeeper.autopilot.circumstances import circumstances
from watchkeeper.autopilot.edits import Who
from watchkeeper.cli import app
from watchkeeper.model.audit import Happened
from watchkeeper.model.principal import Role
from watchkeeper.model.token import ApiToken
from watchkeeper.store import open_store
from watchkeeper.store.people import People, open_people

EVENT = (
    '{{"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "{host}", "UtcTime": "2025-04-0{day} 10:00:00.000", '
    '"Image": "C:\\\\e.exe", "CommandLine": "e.exe evil {day}", "User": "CORP\\\\u{day}"}}'
)
RULE = """
title: Evil runs
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a55
status: test
logsource: {product: windows, category: process_creation}
detection: {selection: {CommandLine|contains: evil}, condition: selection}
level: high
"""


@pytest.fixture(scope="module")
def investigated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("place")
    (place / "logs").mkdir()
    lines = [EVENT.format(host="ws1", day=1), EVENT.format(host="ws2", day=5)]
    (place / "logs" / "ws.json").write_text("\n".join(lines), "utf-8")
    (place / "rule.yml").write_text(RULE, "utf-8")
    rules = (place / "rule.yml",)
    options = Options(paths=(place / "logs",), rules=rules, own_rules=False, engine="reference", state=place / "state")
    investigate(options, place / "case", "en")
    return place


def _token(people: People, role: Role) -> str:
    secret, now = new_secret("wka"), datetime.now(UTC)
    token = ApiToken(id=new_id(), name="ann", tenant="default", role=role, made=now, made_by="x", expires=now + timedelta(hours=1))
    people.add_token(token, digest(secret), Happened(time=now, tenant="default", who="x", what="token made"))
    return secret


@pytest.fixture
def there(investigated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """A server over one copy of a state folder, a token for it in the environment, and another copy here to compare with."""
    for name in ("theirs", "here"):
        shutil.copytree(investigated / "state", tmp_path / name)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("no_proxy", "*")
    store = open_store(tmp_path / "theirs")
    people = open_people(store.database, tmp_path / "theirs")
    options = Options(paths=(), rules=(investigated / "rule.yml",), own_rules=False, engine="reference")
    with served(Platform(people=people, stores=store.of, state=tmp_path / "theirs", options=options)) as url:
        monkeypatch.setenv("WATCHKEEPER_SERVER", url)
        monkeypatch.setenv("WATCHKEEPER_TOKEN", _token(people, "analyst"))
        (tmp_path / "viewer").write_text(_token(people, "viewer") + "\n", "utf-8")
        yield tmp_path
    store.close()


def _says(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == code, result.output
    return result.output


def _both(place: Path, *words: str, by: bool = False) -> str:
    """Say it here and there, and give what both answered."""
    here = _says(*words, *(("--by", "ann") if by else ()), "--state", str(place / "here"))
    assert _says(*words) == here
    return here


def test_a_server_answers_with_the_words_of_a_state_folder(there: Path) -> None:
    listed = _both(there, "incidents")
    one, other = (line.split()[0] for line in listed.splitlines()[1:3])
    assert _both(there, "incidents", "list", "--host", "ws1").count("ws1") == 0
    assert "Evil runs" in _both(there, "incidents", "show", one)
    assert "nothing was kept" in _both(there, "incidents", "merge", one, other, "--why", "w", "--what-if", by=True)
    _both(there, "incidents", "merge", one, other, "--why", "one attacker", by=True)
    assert "is merged into" in _both(there, "incidents")
    _both(there, "incidents", "unmerge", one)
    assert "closed: incident" in _both(there, "incidents", "close", one, "--why", "done", by=True)
    assert "re-opened: incident" in _both(there, "incidents", "reopen", one, "--why", "too early", by=True)
    assert "kept: incident" in _both(there, "feedback", other, "benign", "--why", "a test", by=True)
    assert "a test" in _both(there, "feedback")
    assert "0b0a5f2e" in _both(there, "rules", "record")
    assert "nothing is suppressed" in _both(there, "suppressions", "list")
    assert "Evil runs" in _both(there, "signals", "--host", "ws1")
    _says("suppressions", "add", "--rule", "Evil runs", "--where", "host=ws2", "--owner", "ann", "--why", "w")
    kept = _says("suppressions", "list").splitlines()[1].split()[0]
    assert "ended: suppression" in _says("suppressions", "end", kept)
    _both(there, "watch", "add", "domain", "evil[.]example", "--incident", one, "--why", "w", by=True)
    assert "evil.example" in _both(there, "watch", "list")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("incidents", "close", "ffff", "--why", "w"), "0 incidents begin with 'ffff'"),
        (("incidents", "close", "..", "--why", "w"), "'..' is no id"),
        (("incidents", "close", "ffff", "--why", "w", "--by", "bob"), "a server knows who you are"),
        (("incidents", "--server", "http://127.0.0.1:9"), "cannot reach 'http://127.0.0.1:9'"),
        (("incidents", "--server", "http://example.org"), "would carry your token in the clear"),
        (("incidents", "--server", "ftp://x"), "is no address"),
        (("incidents", "--token-file", "{place}/none"), "No such file"),
        (("incidents", "close", "ffff", "--why", "w", "--token-file", "{place}/viewer"), "you may not do that"),
        (("incidents", "--tenant", "acme"), "you may not do that"),
        (("incidents", "--ca", "{place}/viewer"), "holds no certificates"),
    ],
)
def test_what_cannot_be_is_one_plain_line(there: Path, words: tuple[str, ...], message: str) -> None:
    said = _says(*(word.format(place=there) for word in words), code=2)
    assert message in said
    assert len(said.splitlines()) == 1


def test_a_token_that_does_not_hold_is_said_so(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WATCHKEEPER_TOKEN", "wka_nonsense")
    assert "does not let you in" in _says("incidents", code=2)
    monkeypatch.delenv("WATCHKEEPER_TOKEN")
    assert "no API token" in _says("incidents", code=2)


def test_actions_are_asked_for_seen_and_taken_back_and_a_token_answers_nothing(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (there / "theirs" / "response.yml").write_text(
        "places: [{name: block, by: list, actions: [add_indicator], token: 'env:WK_TEST_LIST'}]", "utf-8"
    )
    monkeypatch.setenv("WK_TEST_LIST", "a token of sixteen and more")
    with closing(open_store(there / "theirs")) as store:
        people = open_people(store.database, there / "theirs")
        monkeypatch.setenv("WATCHKEEPER_TOKEN", _token(people, "responder"))
        asked = _says("actions", "propose", "add_indicator", "address:203.0.113.7", "--radius", "1", "--why", "it beacons")
        assert "0 of 1 people agree" in asked
        action = asked[:12]
        assert action in _says("actions", "--waiting")
        assert "asked for by person:x" in _says("actions", "show", action), "who made the token asks"
        for answer in ("approve", "deny"):
            assert "takes a person, and a token is none" in _says("actions", answer, action, "--why", "yes", code=2)
        desk = ActionDesk(store, people.audit, lambda: circumstances(store, there / "theirs", lambda: datetime.now(UTC)))
        desk.answer(action, Who("bob", "", datetime.now(UTC)), "api", agrees=True)
        assert "seen to work" in _says("actions", "check", action)
        assert "taken back" in _says("actions", "undo", action, "--why", "ours")
        assert "no action begins" in _says("actions", "show", "ffff", code=2)
        assert "--by is for a state folder" in _says("actions", "undo", action, "--why", "x", "--by", "ann", code=2)


def test_policy_is_seen_and_the_brake_pulled_and_a_token_decides_nothing(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(open_store(there / "theirs")) as store:
        monkeypatch.setenv("WATCHKEEPER_TOKEN", _token(open_people(store.database, there / "theirs"), "admin"))
    assert "the policy that ships is in force" in _says("policy", "show")
    assert "no class of actions did anything yet" in _says("policy", "levels")
    assert "nobody is asked anything" in _says("questions", "list", "--all")
    assert "the brake is on" in _says("brake", "on", "--why", "it blocks our scanner")
    assert "the brake is on" in _says("brake")
    for words in (
        ("brake", "off", "--why", "x"),
        ("policy", "promote", "block_address", "other", "--why", "x"),
        ("policy", "lower", "block_address", "*", "L0", "--why", "x"),
        ("policy", "agree", "7f2e"),
        ("policy", "cancel", "7f2e", "--why", "x"),
        ("questions", "answer", "7f2e", "yes"),
    ):
        assert "takes a person, and a token is none" in _says(*words, code=2), words

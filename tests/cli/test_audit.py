"""Users, tokens and senders are made on the command line, each told in the log, and the log is proved whole or not."""

import re
import sqlite3
from pathlib import Path

from typer.testing import CliRunner, Result

from watchkeeper.cli import app


def _run(state: Path, *words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, [*words, "--state", str(state)], input=text)


def _done(state: Path, *words: str, text: str | None = None) -> str:
    result = _run(state, *words, text=text)
    assert result.exit_code == 0, result.output
    return result.output


def test_what_is_done_on_the_command_line_is_told_and_proved(tmp_path: Path) -> None:
    assert re.search(r"shown this once: \S{20}$", _done(tmp_path, "users", "add", "rosa", "--tenant", "acme").strip())
    assert "shown" not in _done(tmp_path, "users", "add", "max", "--ask", text="correct horse battery\ncorrect horse battery\n")
    assert "acme=responder" in _done(tmp_path, "users", "role", "rosa", "responder", "--tenant", "acme")
    _done(tmp_path, "users", "disable", "max")
    _done(tmp_path, "users", "password", "rosa", "--no-second-factor")
    listed = _done(tmp_path, "users", "list")
    assert re.search(r"max +default=viewer +no +\S+ +disabled", listed)
    token = _done(tmp_path, "tokens", "add", "export", "--scope", "read", "--days", "0")
    assert re.search(r"[0-9a-f]{16} of 'export', shown this once: wka_\S{43}$", token.strip())
    _done(tmp_path, "tokens", "revoke", token.split()[1][:6])
    assert "revoked" in _done(tmp_path, "tokens", "list")
    first = _done(tmp_path, "senders", "add", "edge", "--peer", "10.0.0.0/8").split()[-1]
    assert first != _done(tmp_path, "senders", "roll", "edge").split()[-1]
    _done(tmp_path, "senders", "off", "edge")
    assert re.search(r"edge +default +by content +10.0.0.0/8 +off", _done(tmp_path, "senders", "list"))
    assert _done(tmp_path, "audit", "verify").startswith("12 entries are whole")
    assert _done(tmp_path, "audit", "list", "--format", "jsonl", "--limit", "1").count('"what":"sender switched off"') == 1

    head = _done(tmp_path, "audit", "head").strip()
    with sqlite3.connect(tmp_path / "watchkeeper.db") as database:
        database.execute("DELETE FROM audit WHERE number > 10")
    database.close()
    cut = _run(tmp_path, "audit", "verify")
    assert (cut.exit_code, "entry 11 and what came after it are gone" in cut.output) == (1, True)
    _done(tmp_path, "audit", "accept", "--why", "restored")
    assert _done(tmp_path, "audit", "verify").startswith("11 entries are whole")
    kept = _run(tmp_path, "audit", "verify", "--head", head)
    assert kept.exit_code == 1, "what a person kept is not forgotten"


def test_what_cannot_be_is_one_plain_line(tmp_path: Path) -> None:
    for words in (
        ["users", "add", "Bad Login"], ["users", "add", "rosa", "--role", "king"], ["users", "disable", "nobody"],
        ["users", "role", "nobody", "viewer"], ["tokens", "revoke", "0"], ["tokens", "add", "t", "--scope", "all"],
        ["senders", "roll", "nobody"], ["senders", "add", "x", "--peer", "nowhere"], ["senders", "add", "x", "--tenant", "../x"],
        ["audit", "verify", "--head", "x"], ["audit", "accept", "--why", " "], ["audit", "list", "--format", "xml"],
    ):  # fmt: skip
        result = _run(tmp_path, *words)
        assert (result.exit_code, result.output.count("\n")) == (2, 1), (words, result.output)
    assert _done(tmp_path, "audit", "verify").startswith("0 entries")

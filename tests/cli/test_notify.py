"""`watchkeeper notify`, as people call it."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from watchkeeper.cli import app
from watchkeeper.model.message import Message, Outgoing
from watchkeeper.store import open_store

ROUTES = """
routes:
  - {name: duty, to: {channel: slack, url: env:WK_TEST_URL}, escalate: {after_minutes: 15, to: lead}}
  - {name: lead, to: {channel: webhook, url: https://hooks.example/t0ken, secret: env:WK_S}, only_escalated: true, details: short}
"""


def _invoke(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
    return done.exit_code, done.output


def test_routes_are_listed_without_secrets(tmp_path: Path) -> None:
    assert _invoke("notify", "routes", "--state", str(tmp_path))[1].startswith("nobody is told of anything")
    (tmp_path / "notify.yml").write_text(ROUTES)
    code, said = _invoke("notify", "routes", "--state", str(tmp_path))
    assert code == 0
    assert "lead after 15 min" in said
    assert "https://hooks.example/…" in said
    assert "t0ken" not in said
    (tmp_path / "notify.yml").write_text("routes: [")
    assert _invoke("notify", "routes", "--state", str(tmp_path))[0] == 2


def test_a_try_says_whether_it_was_taken(tmp_path: Path, serve: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "notify.yml").write_text(ROUTES)
    server = serve()
    monkeypatch.setenv("WK_TEST_URL", f"{server.url}/s3cret")
    code, said = _invoke("notify", "test", "duty", "--state", str(tmp_path))
    assert (code, "status 404" in said, "s3cret" in said) == (1, True, False)
    server.answers["/s3cret"] = (200, {}, b"ok")
    assert _invoke("notify", "test", "duty", "--state", str(tmp_path)) == (0, "taken: env:WK_TEST_URL\n")
    assert _invoke("notify", "test", "nobody", "--state", str(tmp_path))[0] == 2


def test_messages_are_listed_with_why_they_wait(tmp_path: Path) -> None:
    assert _invoke("notify", "messages", "--state", str(tmp_path))[1].startswith("nobody was told")
    now = datetime(2026, 3, 4, 12, tzinfo=UTC)
    message = Message(
        key="k", tenant="default", incident="i", reasons=("new",), time=now, language="en", details="full", level="high", outcome=None,
        subject="[high] hostile \x1b[31m", sections=(),
    )  # fmt: skip
    with closing(open_store(tmp_path)) as store:
        store.keep_messages([Outgoing(message=message, route="duty", due=now)])
        store.settle(store.take_outgoing(now), "waiting", "status 503", now)
    code, said = _invoke("notify", "messages", "--state", str(tmp_path))
    assert code == 0
    assert "status 503" in said
    assert "\x1b[31m" not in said

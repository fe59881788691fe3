"""Rules and indicators that came later are run over what `serve` keeps, on the command line."""

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.share import Share
from watchkeeper.autopilot.streaming import Stream
from watchkeeper.cli import app
from watchkeeper.journal import Journal
from watchkeeper.lake import EventTable
from watchkeeper.model.received import Received
from watchkeeper.model.sender import Sender

EVENT = {
    "Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 3, "Hostname": "pc1.corp.example",
    "SourceName": "Microsoft-Windows-Sysmon", "@timestamp": "2026-06-01T10:00:00.000Z", "User": "CORP\\ann",
    "Image": "C:\\x\\a.exe", "DestinationIp": "198.51.100.7",
}  # fmt: skip
RULE = """title: {title}
id: {digit}1111111-2222-4333-8444-555555555555
logsource: {{product: windows}}
detection: {{selection: {{Image|endswith: '{image}'}}, condition: selection}}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    state = tmp_path / "state"
    monkeypatch.setenv("WATCHKEEPER_STATE", str(state))
    lines = [json.dumps(EVENT | {"RecordNumber": number}).encode() + b"\n" for number in range(3)]
    sender = Sender(id="ab" * 16, tenant="default", name="edge")

    async def accept() -> None:
        journal = Journal(state / "journal")
        await journal.accept(Received(sender, "bulk", "", 1_795_000_000_000_000, b"".join(lines), len(lines)))
        journal.close()

    asyncio.run(accept())
    share = Share(state, range(4), Stream(Options((), own_rules=False)), EventTable(state / "lake" / "events"))
    share.step()
    share.finish()
    share.close()
    for digit, (title, image) in enumerate({"hit": "a.exe", "miss": "b.exe"}.items()):
        (tmp_path / f"{title}.yml").write_text(RULE.format(title=title, digit=digit, image=image), "utf-8")
    (tmp_path / "feed.txt").write_text("198.51.100.7\n", "utf-8")
    return tmp_path


def _run(*words: str | Path, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.output
    return result.output


def test_rules_that_came_later_find_what_is_kept_once(place: Path) -> None:
    words = ("rules", "redetect", "--rules", place / "hit.yml", "--rules", place / "miss.yml", "--since", "2026-01-01", "--format", "jsonl")
    dry = _run(*words, "--dry-run")
    assert "3 new signals of 2 rules in 3 kept events; 0 were found before" in dry
    assert "a dry run" in dry
    lines = [json.loads(line) for line in dry.splitlines() if line.startswith("{")]
    assert [(line["title"], line["matches"][-1]["field"]) for line in lines] == [("hit", "found late")] * 3
    assert "they are handed on" in _run(*words)
    assert "0 new signals of 2 rules in 3 kept events; 3 were found before" in _run(*words)
    assert "0 new signals of 2 rules in 0 kept events" in _run(*words, "--tenant", "other")


def test_indicators_that_came_later_find_what_is_kept(place: Path) -> None:
    assert "no such indicators" in _run("intel", "redetect", "--since", "2026-01-01", code=2)
    _run("intel", "import", place / "feed.txt", "--source", "feed", "--confidence", "90", "--valid-days", "9999")
    assert "3 new signals of 1 indicators in 3 kept events" in _run("intel", "redetect", "--since", "2026-01-01", "--source", "feed")
    assert "no such indicators" in _run("intel", "redetect", "--since", "2026-01-01", "--source", "other", code=2)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--since", "7d"), "say which rules"),
        (("--since", "soon", "--own-rules"), "is no time"),
        (("--since", "7d", "--own-rules", "--format", "xml"), "is not known"),
        (("--since", "7d", "--own-rules", "--state", "nowhere"), "keeps no received events"),
    ],
)
def test_what_cannot_be_meant_is_refused(place: Path, words: tuple[str, ...], said: str) -> None:
    assert said in _run("rules", "redetect", *words, code=2)

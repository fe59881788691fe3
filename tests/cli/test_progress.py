"""A person at a terminal sees how far it is; a pipe gets nothing of it."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

LINE = b'{"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": "WS1", "UtcTime": "2025-04-01 10:00:00.000"}\n'
TERMINAL = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    (tmp_path / "logs.json").write_bytes(LINE * 5)
    return [sys.executable, "-m", "watchkeeper", "detect", str(tmp_path / "logs.json"), "--no-own-rules", "--format", "jsonl"]


def test_a_pipe_gets_no_progress(words: list[str]) -> None:
    done = subprocess.run(words, capture_output=True, check=True, env=TERMINAL)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_terminal_shows_what_is_going_on_and_output_stays_clean(words: list[str]) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=theirs, env=TERMINAL) as running:
        os.close(theirs)
        shown = _everything(ours)
        assert running.stdout
        assert running.stdout.read() == b""
    assert running.returncode == 0
    assert "Correlating" in shown


def _everything(terminal: int) -> str:
    """Read until the other end is closed, which Linux reports as an error."""
    parts: list[bytes] = []
    try:
        while part := os.read(terminal, 4096):
            parts.append(part)
    except OSError:
        pass
    finally:
        os.close(terminal)
    return b"".join(parts).decode()

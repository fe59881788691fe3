"""A real browser opens the page: our script runs, nothing hostile does, and it looks like something."""

import os
import re
import shutil
import subprocess
import zlib
from pathlib import Path

import pytest

from watchkeeper.model.incident import Case
from watchkeeper.model.language import LANGUAGES, Language
from watchkeeper.reporting import write

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-quic", "--hide-scrollbars",
)  # fmt: skip
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here; on Debian: apt-get install chromium fonts-noto-cjk"),
]


def browse(page: Path, profile: Path, *flags: str, fragment: str = "") -> str:
    """Load the page and give the document as it stands after its script ran."""
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", *flags, f"{page.as_uri()}{fragment}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True, env={**os.environ, "HOME": str(profile)})
    return done.stdout


@pytest.mark.parametrize("language", LANGUAGES)
def test_our_script_runs_and_nothing_hostile_does(hostile_case: Case, tmp_path: Path, language: Language) -> None:
    page = write(hostile_case, tmp_path / "out", lang=language)[0]
    document = browse(page, tmp_path / "profile", "--dump-dom")
    title = re.search("<title>(.*?)</title>", document)
    assert 'class="scripted"' in document
    assert title
    assert title.group(1) != "owned"
    assert not re.search("<img|<script>document", document)


def test_a_link_to_evidence_unfolds_the_table(case: Case, tmp_path: Path) -> None:
    page = write(case, tmp_path / "out", lang="en")[0]
    folded = browse(page, tmp_path / "profile", "--dump-dom")
    opened = browse(page, tmp_path / "profile", "--dump-dom", fragment="#i1-e3")
    assert '<details class="evidence">' in folded
    assert '<details class="evidence" open="">' in opened
    assert re.search(r'<tr id="i1-e3" class="found">', opened)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_paints(case: Case, tmp_path: Path, language: Language) -> None:
    page = write(case, tmp_path / "out", lang=language)[0]
    picture = tmp_path / "page.png"
    browse(page, tmp_path / "profile", "--window-size=1366,3000", f"--screenshot={picture}")
    assert colours(picture.read_bytes()) > 100


def colours(png: bytes) -> int:
    """Count the distinct three-byte groups of a PNG's filtered rows: few for a blank page, many for a painted one."""
    at, data = 8, b""
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        data += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    raw = zlib.decompress(data)
    return len({raw[place : place + 3] for place in range(0, len(raw), 3)})

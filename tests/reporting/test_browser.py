"""A real browser opens the page: our script runs, nothing hostile does, and it looks like something."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.model.event import Event
from watchkeeper.model.incident import Case
from watchkeeper.model.language import LANGUAGES, Language
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.query import Query
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


GRAPH = "section[aria-labelledby='i1-graph']"
HOSTILE_FIELD = "<img src=x onerror=document.title='owned'>"


class Tab:
    """One page in a browser that is driven through pipes, as a person would drive it."""

    def __init__(self, into: int, out: int) -> None:
        self._into, self._out, self._read, self._asked = into, out, b"", 0
        self._session = ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")

    def open(self, page: Path | str) -> None:
        self.call("Page.navigate", url=page if isinstance(page, str) else page.as_uri())
        self.wait()

    def wait(self) -> None:
        """Wait until a page is there."""
        while self._next().get("method") != "Page.loadEventFired":
            pass

    def call(self, method: str, **parameters: object) -> dict[str, Any]:
        self._asked += 1
        said = {"id": self._asked, "method": method, "params": parameters} | ({"sessionId": self._session} if self._session else {})
        os.write(self._into, json.dumps(said).encode() + b"\0")
        while (answer := self._next()).get("id") != self._asked:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def value(self, script: str) -> Any:
        done = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in done, done
        return done["result"].get("value")

    def key(self, name: str, code: int) -> None:
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if name == "Enter" and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code, **text)

    def click(self, selector: str) -> None:
        x, y = self.value(
            f"(() => {{ const it = document.querySelector({json.dumps(selector)});"
            " it.scrollIntoView({ block: 'center', inline: 'center' });"
            " const box = it.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            more = os.read(self._out, 1 << 16)
            assert more, "the browser ended"
            self._read += more
        message, _, self._read = self._read.partition(b"\0")
        return json.loads(message)


@contextmanager
def tab(profile: Path) -> Iterator[Tab]:
    """Start a browser that listens on its third and fourth file."""
    low_in, ours_in = os.pipe()
    ours_out, low_out = os.pipe()
    theirs_in, theirs_out = (fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (low_in, low_out))  # apart from the third and fourth
    command = [
        "/bin/sh",
        "-c",
        f'exec "$@" 3</dev/fd/{theirs_in} 4>/dev/fd/{theirs_out}',
        "sh",
        str(CHROMIUM),
        *FLAGS,
        "--remote-debugging-pipe",
    ]
    with subprocess.Popen(
        [*command, f"--user-data-dir={profile}"], pass_fds=(theirs_in, theirs_out), env={**os.environ, "HOME": str(profile)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as browser:  # fmt: skip
        for end in (low_in, low_out, theirs_in, theirs_out):
            os.close(end)
        try:
            yield Tab(ours_in, ours_out)
        finally:
            browser.kill()
            for end in (ours_in, ours_out):
                os.close(end)


def found(query: Query) -> Iterator[Event]:
    """Give an event for every id, with hostile text in its fields."""
    for row, key in enumerate(query.ids):
        yield Event(
            id=key, time=datetime(2026, 3, 4, 9, row % 60, tzinfo=UTC), host="ws07", source="ws07.evtx", row=row,
            logsource=LogSource(product="windows"), fields={"Image": "a.exe", HOSTILE_FIELD: HOSTILE_FIELD},
        )  # fmt: skip


def test_boxes_and_lines_show_their_evidence_when_clicked(case: Case, tmp_path: Path) -> None:
    page = write(case, tmp_path / "out", lang="en", search=found)[0]
    with tab(tmp_path / "profile") as browser:
        browser.open(page)
        browser.click(f"{GRAPH} a.node.folded .label")
        assert browser.value(f'getComputedStyle(document.querySelector("{GRAPH} .held")).display') == "inline"
        assert "Rechnung.docx" in browser.value(f'document.querySelector("{GRAPH} .picked").innerText')
        browser.click(f"{GRAPH} a.node.folded .label")
        assert browser.value(f'getComputedStyle(document.querySelector("{GRAPH} .held")).display') == "none"
        browser.value(
            f"document.querySelector(\"{GRAPH} a.edge .reach\").dispatchEvent(new MouseEvent('click', {{ bubbles: true, detail: 1 }}))"
        )
        said = browser.value(f'document.querySelector("{GRAPH} .picked").innerText')
        assert "ws07.evtx #" in said
        assert HOSTILE_FIELD in said
        assert browser.value("document.title") != "owned"
        assert browser.value("document.querySelectorAll('img').length") == 0


def test_a_keyboard_opens_leaves_and_folds(case: Case, tmp_path: Path) -> None:
    page = write(case, tmp_path / "out", lang="zh", search=found)[0]
    drawn = f'[...document.querySelectorAll("{GRAPH} a.node, {GRAPH} a.edge")].filter(it => getComputedStyle(it).display !== "none").length'
    with tab(tmp_path / "profile") as browser:
        browser.open(page)
        browser.value(f'document.querySelector("{GRAPH} a.node").focus()')
        browser.key("Tab", 9)
        browser.key("Enter", 13)
        assert browser.value("document.activeElement.className") == "picked"
        browser.key("Escape", 27)
        assert browser.value('document.activeElement.classList.contains("node")')
        whole = browser.value(drawn)
        hides = browser.value(f'document.querySelector("{GRAPH} .fold").dataset.hides.split(" ").length')
        browser.value(f'document.querySelector("{GRAPH} .fold").focus()')
        browser.key("Enter", 13)
        assert browser.value(drawn) <= whole - 2 * hides
        assert browser.value(f'document.querySelector("{GRAPH} .fold").getAttribute("aria-expanded")') == "false"
        browser.key(" ", 32)
        assert browser.value(drawn) == whole


def colours(png: bytes) -> int:
    """Count the distinct three-byte groups of a PNG's filtered rows: few for a blank page, many for a painted one."""
    at, data = 8, b""
    while at < len(png):
        size, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        data += png[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    raw = zlib.decompress(data)
    return len({raw[place : place + 3] for place in range(0, len(raw), 3)})

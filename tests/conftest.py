"""What every test may ask for: the public data sets, and whether golden files are to be written anew; whether a skip is a failure."""

import os
import ssl
import tempfile
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
_REPOSITORY = Path(__file__).resolve().parent.parent

settings.register_profile("fast", max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("thorough", max_examples=500, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew; read the diff before you commit it")


def pytest_configure(config: pytest.Config) -> None:
    """Keep translated rules apart from the user's, and from one run to the next, where pytest may keep things; nothing is installed."""
    cache = getattr(config, "cache", None)
    if cache is None:
        folder = tempfile.TemporaryDirectory()
        config.add_cleanup(folder.cleanup)
    os.environ["WATCHKEEPER_CACHE"] = folder.name if cache is None else str(cache.mkdir("watchkeeper"))
    os.environ["WATCHKEEPER_RULES"] = os.devnull + "/nothing"
    os.environ["WATCHKEEPER_STATE"] = os.devnull + "/nothing"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _unless_skipped((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _unless_skipped((yield))


def _unless_skipped(report: Report) -> Report:
    """Turn a skip into a failure where `WATCHKEEPER_NOTHING_SKIPPED=1` says that everything a test needs is there."""
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("WATCHKEEPER_NOTHING_SKIPPED") == "1":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.outcome = "failed"
        report.longrepr = f"{reason}\nA skip is a failure here, because WATCHKEEPER_NOTHING_SKIPPED is 1."
    return report


@pytest.fixture
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def data() -> Path:
    """The public data sets, see README; they are not part of the repository."""
    path = Path(os.environ.get("WATCHKEEPER_DATA", _REPOSITORY.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"no public data sets at {path}; set WATCHKEEPER_DATA to where they are")
    return path


@dataclass
class Served:
    """A server on loopback: what it answers, and what it was asked."""

    url: str
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    """Status, headers and content by path with query."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path with query, and headers."""


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[..., Served]]:
    """Start servers, with TLS if a context is given."""
    monkeypatch.setenv("no_proxy", "*")
    with ExitStack() as stack:
        yield lambda context=None: _started(context, stack)


def _started(context: ssl.SSLContext | None, stack: ExitStack) -> Served:
    served = Served("")

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked.append((self.path, dict(self.headers)))
            status, headers, content = served.answers.get(self.path, (404, {}, b"nothing here"))
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    stack.callback(server.server_close)
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    served.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
    return served

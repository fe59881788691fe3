"""Products as small real servers on loopback: they keep what they are told, as their documentation says, or only say that they do."""

import json
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.means import Job

KEY = "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Call:
    """One request as the server got it."""

    method: str
    path: str
    """Not decoded, so that what is quoted is seen as that."""
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def parts(self) -> list[str]:
        return [unquote(part) for part in self.path.split("/")]


Answering = Callable[[Call], tuple[int, object]]


@dataclass
class Product:
    """A running server."""

    url: str
    calls: list[Call] = field(default_factory=list[Call])

    def asked(self, method: str) -> list[Call]:
        return [one for one in self.calls if one.method == method]


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[[Answering], Product]]:
    """Start servers that answer as a function says: a status, and JSON or bytes."""
    monkeypatch.setenv("no_proxy", "*")
    with ExitStack() as stack:
        yield lambda answering: _started(answering, stack)


def _started(answering: Answering, stack: ExitStack) -> Product:
    made, lock = Product(""), threading.Lock()

    class Taking(BaseHTTPRequestHandler):
        def answer(self) -> None:
            where = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            query = {name: value[0] for name, value in parse_qs(where.query, keep_blank_values=True).items()}
            call = Call(self.command, where.path, query, {name.lower(): value for name, value in self.headers.items()}, body)
            with lock:
                made.calls.append(call)
                status, told = answering(call)
            content = told if isinstance(told, bytes) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name in {"do_GET", "do_POST", "do_PUT", "do_PATCH", "do_DELETE"}:
                return self.answer
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    stack.callback(server.server_close)
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    made.url = f"http://127.0.0.1:{server.server_port}"
    return made


def job(kind: EntityKind = "host", *values: str, **otherwise: Any) -> Job:
    told: dict[str, Any] = {
        "key": KEY, "tenant": "default", "incident": "8bce12", "action": "x", "arguments": {},
        "targets": tuple(Entity(kind=kind, value=value) for value in values), "expires": datetime(2026, 11, 27, 12, tzinfo=UTC),
    }  # fmt: skip
    return Job.model_validate(told | otherwise)


@pytest.fixture(name="job")
def _job() -> Callable[..., Job]:
    return job


@pytest.fixture
def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)

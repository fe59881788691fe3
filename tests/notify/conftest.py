"""A small real server on loopback that takes messages by HTTP, with TLS; and a message with hostile text in every place."""

import ssl
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from watchkeeper.model.message import Message, Section

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOSTILE = (
    'x\r\nBcc: everyone@example.com\r\n\r\n<!channel> <at user_id="all">all</at> <@U1> @all @here [go](http://evil.example/a) '
    "**b** <img src=x onerror=alert(1)> <https://evil.example|ok> & www.evil.example \x00\x1b[31m\u202egnp.exe\u2066\ud800 {{7*7}} "
    + "A"
    * 9_000
)


@pytest.fixture
def message() -> Message:
    return Message(
        key="0123456789abcdef0123456789abcdef",
        tenant="default",
        incident="8bce12",
        reasons=("new",),
        time=NOON,
        language="en",
        details="full",
        level="high",
        outcome="succeeded",
        subject="[high] New incident: Credentials dumped on ws1",
        sections=(
            Section(heading="What is known", lines=("3 signals fired", "hosts concerned: ws1")),
            Section(heading="First steps", lines=("take ws1 off the network",)),
        ),
        hosts=("ws1",),
        techniques=("T1003",),
        link="https://console.example/incidents/8bce12?tenant=default",
        link_words="Open the incident",
    )


@pytest.fixture
def hostile(message: Message) -> Message:
    sections = tuple(Section(heading=HOSTILE, lines=(HOSTILE,) * 80) for _ in range(60))
    return message.model_copy(update={"subject": HOSTILE, "sections": sections, "link_words": HOSTILE, "hosts": (HOSTILE,)})


@dataclass
class Hook:
    """A server that takes posts: what it answers, and what it was sent."""

    url: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b'{"code": 0, "errcode": 0, "msg": "ok"}'
    taken: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    """Path with query, headers in lower case, and body."""


@pytest.fixture
def hook(stack: ExitStack) -> Callable[..., Hook]:
    return lambda context=None: _hooked(context, stack)


def _hooked(context: ssl.SSLContext | None, stack: ExitStack) -> Hook:
    hook = Hook("")

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            hook.taken.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(hook.status)
            for name, value in ({"content-length": str(len(hook.answer))} | hook.headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(hook.answer)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    stack.callback(server.server_close)
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    hook.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}/secret-path"
    return hook

"""Small real servers on loopback that take messages: HTTP and SMTP, with TLS; and a message with hostile text in every place."""

import base64
import ssl
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
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


@dataclass
class Postoffice:
    """A mail server: how it behaves, and what it was sent."""

    port: int
    tls: ssl.SSLContext | None = None
    logins: dict[str, str] = field(default_factory=dict)
    refuses: dict[str, int] = field(default_factory=dict)
    """Recipients that it does not take, with the code."""
    envelopes: list[tuple[str, tuple[str, ...], bytes]] = field(default_factory=list)
    """Sender, recipients and content of each mail."""
    secret: list[bool] = field(default_factory=list)
    """Whether each mail came over TLS."""


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Generator[ExitStack]:
    monkeypatch.setenv("no_proxy", "*")
    with ExitStack() as held:
        yield held


@pytest.fixture
def hook(stack: ExitStack) -> Callable[..., Hook]:
    return lambda context=None: _hooked(context, stack)


@pytest.fixture
def postoffice(stack: ExitStack) -> Callable[..., Postoffice]:
    return lambda tls=None, *, at_once=False: _opened(tls, stack, at_once=at_once)


def _serving(server: ThreadingTCPServer | ThreadingHTTPServer, stack: ExitStack) -> None:
    thread = Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    stack.callback(server.server_close)
    stack.callback(thread.join)
    stack.callback(server.shutdown)


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
    _serving(server, stack)
    hook.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}/secret-path"
    return hook


class _Talking(StreamRequestHandler):
    """One conversation with the mail server."""

    server: "_Office"

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def handle(self) -> None:
        self.office = self.server.office
        self.is_secret = self.server.at_once
        self.sender, self.to, self.known, self.over = "", list[str](), not self.office.logins, False
        self.say("220 postoffice")
        while not self.over and (words := self.rfile.readline(4096).decode().strip()):
            answer = getattr(self, f"on_{words.split(' ')[0].lower()}", self.on_other)
            answer(words)

    def on_ehlo(self, _: str) -> None:
        self.say("250-postoffice")
        if self.office.tls and not self.is_secret:
            self.say("250-STARTTLS")
        self.say("250 AUTH PLAIN")

    def on_starttls(self, _: str) -> None:
        assert self.office.tls
        self.say("220 go")
        self.connection = self.office.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile, self.is_secret = self.connection.makefile("rb"), self.connection.makefile("wb", 0), True

    def on_auth(self, words: str) -> None:
        _, user, password = base64.b64decode(words.split(" ")[2]).decode().split("\0")
        self.known = self.office.logins.get(user) == password
        self.say("235 welcome" if self.known else f"535 wrong: {password}")

    def on_mail(self, words: str) -> None:
        self.sender = words
        self.say("250 ok" if self.known else "530 log in first")

    def on_rcpt(self, words: str) -> None:
        code = next((code for one, code in self.office.refuses.items() if one in words), 250)
        self.to += [words] if code == 250 else []
        self.say(f"{code} heard")

    def on_data(self, _: str) -> None:
        self.say("354 go on")
        lines = list(iter(self.rfile.readline, b".\r\n"))
        self.office.envelopes.append((self.sender, tuple(self.to), b"".join(lines)))
        self.office.secret.append(self.is_secret)
        self.say("250 kept")

    def on_quit(self, _: str) -> None:
        self.say("221 bye")
        self.over = True
        self.connection.close()

    def on_other(self, _: str) -> None:
        self.say("250 ok")


class _Office(ThreadingTCPServer):
    """The mail server."""

    daemon_threads = True

    def __init__(self, office: Postoffice, *, at_once: bool) -> None:
        self.office, self.at_once = office, at_once
        super().__init__(("127.0.0.1", 0), _Talking)

    def handle_error(self, *_: object) -> None:
        """A client that breaks off is what some tests are about."""


def _opened(tls: ssl.SSLContext | None, stack: ExitStack, *, at_once: bool) -> Postoffice:
    office = Postoffice(0, tls)
    server = _Office(office, at_once=at_once)
    if tls and at_once:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    _serving(server, stack)
    office.port = server.server_address[1]
    return office

"""What every test may ask for: the public data sets, small real servers, and whether golden files are to be written anew."""

import base64
import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import TypeVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
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
    os.environ.pop("WATCHKEEPER_DATABASE", None)


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
    posted: list[bytes] = field(default_factory=list)
    """What was sent to it."""


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

        def do_POST(self) -> None:
            served.posted.append(self.rfile.read(int(self.headers["content-length"])))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    stack.callback(server.server_close)
    stack.callback(thread.join)
    stack.callback(server.shutdown)
    served.url = f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
    return served


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 with its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


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
def postoffice(stack: ExitStack) -> Callable[..., Postoffice]:
    return lambda tls=None, *, at_once=False: _opened(tls, stack, at_once=at_once)


def _serving(server: ThreadingTCPServer, stack: ExitStack) -> None:
    thread = Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    stack.callback(server.server_close)
    stack.callback(thread.join)
    stack.callback(server.shutdown)


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


@dataclass
class Cluster:
    """A PostgreSQL of our own, on a socket in a folder of its own: no port, no other user."""

    folder: Path
    programs: Path
    become: tuple[str, ...]
    """What a command begins with to run as a user that PostgreSQL runs as."""
    made: int = 0

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self, how: str = "fast") -> None:
        """Stop it: `fast` tells clients, `immediate` is a crash."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-w", "-m", how, "stop")

    def make(self) -> None:
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "watchkeeper", "-E", "UTF8", "--auth=trust", "--no-sync")

    def database(self) -> str:
        """Give the URL of a new, empty schema, which is to its tables what a database would be, and takes no time to make."""
        self.made += 1
        self._run("psql", "-h", str(self.folder), "-U", "watchkeeper", "-c", f"CREATE SCHEMA w{self.made}", "postgres")
        return f"postgresql://watchkeeper@/postgres?host={self.folder}&options=-csearch_path%3Dw{self.made}"

    def copied(self, url: str = "") -> str:
        """Give the URL of a new database: empty, or the copy of one made so, to which nobody is connected."""
        self.made += 1
        of = url.partition("@/")[2].partition("?")[0] or "template0"
        self._run("psql", "-h", str(self.folder), "-U", "watchkeeper", "-c", f"CREATE DATABASE d{self.made} TEMPLATE {of}", "postgres")
        return f"postgresql://watchkeeper@/d{self.made}?host={self.folder}"

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [*self.become, str(self.programs / program), *words], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            log = self.folder / "log"
            pytest.fail(f"{program} ended with {done.returncode}: {log.read_text('utf-8')[-2000:] if log.is_file() else 'no log'}")


@pytest.fixture(scope="session")
def postgres() -> Generator[Cluster]:
    """A running PostgreSQL, where it is installed; `apt-get install postgresql` is enough, nothing has to be set up."""
    places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin")), *map(Path, os.environ["PATH"].split(os.pathsep))]
    found = [path for path in places if (path / "initdb").exists() and (path / "pg_ctl").exists()]
    if not found:
        pytest.skip("no PostgreSQL is installed here; apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="wkpg"))  # short: the path of a socket has 107 characters at most
    cluster = Cluster(folder, found[0], _as_other_than_root(folder))
    try:
        cluster.make()
        cluster.start()
        yield cluster
        cluster.stop("immediate")
    finally:
        shutil.rmtree(folder)


def _as_other_than_root(folder: Path) -> tuple[str, ...]:
    """Give the folder to a user that PostgreSQL, which refuses root, can run as; say what a command as that user begins with."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("PostgreSQL does not run as root, and there is no setpriv to become somebody else; apt-get install util-linux")
    for user in ("postgres", "nobody"):
        try:
            shutil.chown(folder, user)
        except LookupError:
            continue
        return ("setpriv", f"--reuid={user}", "--clear-groups", f"--regid={folder.stat().st_gid}")
    return pytest.skip("PostgreSQL does not run as root, and there is neither a user postgres nor nobody")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a store can be, empty: a folder, and in the slow tests a database of PostgreSQL."""
    return tmp_path / "state" if request.param == "sqlite" else request.getfixturevalue("postgres").database()

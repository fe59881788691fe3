"""What tests of listeners share: the doors with somebody behind them who remembers what was handed over, asked over ASGI in memory."""

import asyncio
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from watchkeeper.ingest.listeners import Desk, Intake, Limits, SyslogLimits, doors
from watchkeeper.model.received import Received, RefusedError
from watchkeeper.model.sender import Sender

TOKEN = "-".join(("edge", "token"))
SENDER = Sender(id="5e" * 16, tenant="default", name="edge")


@dataclass
class Answered:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def lines_kept(kept: list[Received]) -> list[bytes]:
    """Give every record that was kept; what `Received` promises is checked."""
    for one in kept:
        lines = one.body.split(b"\n")
        assert lines.pop() == b""
        assert len(lines) == one.records > 0
        assert not any(line.endswith(b"\r") for line in lines)
        assert len(one.ids) in {0, one.records}
    return [line for one in kept for line in one.body.split(b"\n")[:-1]]


@dataclass
class House:
    """Doors, and what came through them."""

    kept: list[Received] = field(default_factory=list)
    refusing: RefusedError | None = None
    limits: Limits = field(default_factory=Limits)
    read: int = 0
    """How many pieces of bodies were read."""

    def __post_init__(self) -> None:
        self.desk = Desk(self.accept, {TOKEN: SENDER}.get, limits=self.limits)
        self.application = doors(self.desk)

    async def accept(self, received: Received) -> None:
        if self.refusing:
            raise self.refusing
        self.kept.append(received)

    @property
    def lines(self) -> list[bytes]:
        """Every record that was kept."""
        return lines_kept(self.kept)

    def ask(self, method: str, path: str, body: bytes | list[bytes] = b"", **headers: str) -> Answered:
        """Ask as a client with the token does; headers with underscores for dashes, `authorization=""` for none."""
        return asyncio.run(self.asked(method, path, body, headers))

    async def asked(self, method: str, path: str, body: bytes | list[bytes], headers: Mapping[str, str]) -> Answered:
        pieces = iter(body if isinstance(body, list) else [body])
        sent: list[dict[str, Any]] = []
        given = {"authorization": f"Bearer {TOKEN}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        where, _, query = path.partition("?")
        scope = {
            "type": "http", "method": method, "raw_path": where.encode(), "query_string": query.encode(), "client": ("192.0.2.7", 4711),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items() if value],
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            self.read += 1
            piece = next(pieces, None)
            if piece is None:
                return {"type": "http.disconnect"}
            return (
                {"type": "http.request", "body": piece, "more_body": isinstance(body, list)}
                if piece != b"END"
                else {"type": "http.request"}
            )

        async def send(message: Any) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        if not sent:
            return Answered(0, {}, b"")
        assert self.desk.in_flight_bytes == 0
        start, rest = sent if len(sent) == 2 else (*sent, {"body": b""})
        return Answered(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, rest["body"])


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture(scope="session")
def house_with() -> Callable[..., House]:
    """The function that opens doors with limits of one's own."""
    return lambda **limits: House(limits=Limits(**limits))


@pytest.fixture
def windows(data: Any) -> Iterator[list[bytes]]:
    """Lines of Windows events of OTRF, as a shipper sends them."""
    archive = min((data / "otrf" / "atomic" / "windows").rglob("*.zip"))
    with zipfile.ZipFile(archive) as opened:
        name = next(one for one in opened.namelist() if one.endswith(".json"))
        yield [line.strip() for line in opened.read(name).splitlines() if line.strip()]


@dataclass
class Yard:
    """Syslog on loopback, and what came over it."""

    kept: list[Received] = field(default_factory=list)
    refusals: int = 0
    """How many times more nothing is kept."""
    known: set[str] = field(default_factory=lambda: {"127.0.0.1"})
    limits: SyslogLimits = field(default_factory=lambda: SyslogLimits(wait_seconds=0.02))
    stuck: asyncio.Event | None = None
    """Until then nothing is kept or refused."""

    def __post_init__(self) -> None:
        self.intake = Intake(self.accept, lambda peer: SENDER if peer in self.known else None, limits=self.limits)

    async def accept(self, received: Received) -> None:
        if self.stuck:
            await self.stuck.wait()
        if self.refusals:
            self.refusals -= 1
            raise RefusedError("full", 0)
        self.kept.append(received)

    @property
    def messages(self) -> list[bytes]:
        return lines_kept(self.kept)

    def count(self, kind: Any) -> int:
        return self.intake.counts.of(kind, "syslog")

    async def until(self, reached: Callable[[], bool]) -> None:
        """Wait until something is so; a test that waits in vain ends by the clock."""
        async with asyncio.timeout(20):
            while not reached():
                await asyncio.sleep(0.005)


@pytest.fixture
def yard() -> Yard:
    return Yard()


@pytest.fixture
def yard_with() -> Callable[..., Yard]:
    """The function that opens syslog with limits of one's own."""
    return lambda **limits: Yard(limits=SyslogLimits(**{"wait_seconds": 0.02, **limits}))


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1 that its own key signed, and the key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    whole = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + signed.public_bytes(Encoding.PEM)
    path.write_bytes(whole)
    return path

"""What tests of listeners share: the doors with somebody behind them who remembers what was handed over, asked over ASGI in memory."""

import asyncio
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from watchkeeper.ingest.listeners import Desk, Limits, doors
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
        """Every record that was kept, and that the promises of `Received` hold."""
        for one in self.kept:
            lines = one.body.split(b"\n")
            assert lines.pop() == b""
            assert len(lines) == one.records > 0
            assert not any(line.endswith(b"\r") for line in lines)
            assert len(one.ids) in {0, one.records}
        return [line for one in self.kept for line in one.body.splitlines()]

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
        start, rest = sent
        assert self.desk.in_flight_bytes == 0
        return Answered(start["status"], {name.decode(): value.decode() for name, value in start["headers"]}, rest["body"])


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
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

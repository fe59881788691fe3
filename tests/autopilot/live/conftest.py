"""A keeper over a store of its own, and short stories of signals to hand it."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pytest

from watchkeeper.autopilot.live.flowing import Flowing
from watchkeeper.autopilot.live.keeper import Around, Keeper, SignalFrame
from watchkeeper.autopilot.world import World
from watchkeeper.correlation import Knowledge
from watchkeeper.detection.sigma import Correlation
from watchkeeper.model.asset import Asset
from watchkeeper.model.live import LiveIncident
from watchkeeper.model.signal import SIGNAL_SCHEMA
from watchkeeper.store import Store, Wanted, open_store

START = datetime(2025, 3, 3, 8, tzinfo=UTC)


class Inline(Executor):
    """Does at once what it is given."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do it."""
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class Never(Executor):
    """Never begins what it is given."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Do nothing."""
        del fn, args, kwargs
        return Future()


def signal(rule: str, minute: float, host: str = "ws1", *, level: str = "medium", user: str = "", **more: Any) -> dict[str, Any]:
    """Give a signal at a minute of the story."""
    row = {
        "event_id": f"e {rule} {minute}", "time": START + timedelta(minutes=minute), "host": host, "user": user, "source": "x", "row": 0,
        "rule": rule, "title": rule, "level": level, "detector": "sigma", "techniques": [], "tactics": [], "entities": [], "matches": [],
        "synthetic": False, **more,
    }  # fmt: skip
    return {"id": blake2b(repr(sorted(row.items())).encode(), digest_size=16).hexdigest(), **row}


def everyday(hosts: int, hours: int) -> list[dict[str, Any]]:
    """Give background: every rule on every host once an hour."""
    return [
        signal(rule, 60 * hour + host + at, f"ws{host}", level="low")
        for hour in range(hours)
        for host in range(hosts)
        for at, rule in enumerate(("logon", "script", "update"))
    ]


def attack(minute: float) -> list[dict[str, Any]]:
    """Give an attack of five steps, a quarter of an hour apart."""
    steps = ("macro", "download", "dump", "spread", "archive")
    return [signal(f"attack {step}", minute + 15 * at, "ws2", level="high", user="bob") for at, step in enumerate(steps)]


def table(rows: list[dict[str, Any]]) -> pa.Table:
    """Give rows as signals."""
    return pa.Table.from_pylist(rows, schema=SIGNAL_SCHEMA)


@dataclass
class Stage:
    """A store on disk and a clock that is set by hand."""

    folder: Path
    seconds: float = 0.0
    told: list[tuple[str, LiveIncident | None, LiveIncident]] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    kind: type[Store] = Store
    correlations: Sequence[Correlation] = ()
    executor: Executor = field(default_factory=Inline)

    def store(self, tenant: str = "default") -> Store:
        """Open the store of a tenant."""
        opened = open_store(self.folder, tenant)
        self.stores.append(self.kind(opened.database, tenant))
        return self.stores[-1]

    def keeper(self, tell: Callable[..., None] | None = None) -> Keeper:
        """Give a keeper that begins where the last one was saved."""
        stores: dict[str, Store] = {}
        around = Around(
            store_of=lambda tenant: stores.setdefault(tenant, stores.get(tenant) or self.store(tenant)),
            knowledge_of=lambda _: Knowledge(lambda host: Asset(name=host)),
            world_of=lambda _: World(lambda _: iter(()), lambda _: SIGNAL_SCHEMA.empty_table(), lambda name: Asset(name=name), None),
            tell=tell or (lambda *told: self.told.append(told)),
            correlations=self.correlations,
            clock=lambda: self.seconds,
        )
        return Keeper(around, Flowing(self.executor, lambda: self.seconds))

    def frames(self, rows: list[dict[str, Any]], each: int = 40, tenant: str = "default") -> list[SignalFrame]:
        """Cut signals into frames as a worker would."""
        return [SignalFrame("0", at, tenant, table(rows[at : at + each])) for at in range(0, len(rows), each)]

    def tick(self, keeper: Keeper) -> tuple[str, ...]:
        """Let an hour go by and look."""
        self.seconds += 3600
        return keeper.tick(START)

    def incidents(self, tenant: str = "default", **wanted: Any) -> list[LiveIncident]:
        """Give what the store holds."""
        with closing(open_store(self.folder, tenant)) as store:
            return list(store.live_incidents(Wanted(most=500, **wanted)))


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """What a test is staged with: `stage`, and `signal`, `everyday`, `attack`, `table` to tell a story."""

    empty = tmp_path_factory.mktemp("empty")
    open_store(empty).close()

    @contextmanager
    def stage() -> Iterator[Stage]:
        made = Stage(tmp_path_factory.mktemp("live"))
        shutil.copy(empty / "watchkeeper.db", made.folder)
        yield made
        for store in made.stores:
            store.close()

    return SimpleNamespace(
        stage=stage, inline=Inline, never=Never, signal=signal, everyday=everyday, attack=attack, table=table, start=START
    )

"""The web process: listeners and the API on one port, syslog on its own, and the journal behind them. Owns putting them together."""

import asyncio
import shutil
import ssl
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform
from watchkeeper.autopilot.options import Options
from watchkeeper.autopilot.senders import recognise
from watchkeeper.autopilot.share import reached
from watchkeeper.autopilot.sql_desk import SqlDesk
from watchkeeper.ingest.listeners.doors import doors
from watchkeeper.ingest.listeners.exchange import Application, Desk, Message, Receive, Send
from watchkeeper.ingest.listeners.memory import keep_freed_memory
from watchkeeper.ingest.native import native_fields
from watchkeeper.journal import Journal
from watchkeeper.lake import EventTable, Questions, StoredEvents
from watchkeeper.model.query import Search
from watchkeeper.server.awaiting import awaited
from watchkeeper.server.checkup import looked_over
from watchkeeper.server.door_figures import DoorFigures
from watchkeeper.server.facts import gathered
from watchkeeper.server.health import health
from watchkeeper.server.metrics import metrics
from watchkeeper.server.processes import Stopping
from watchkeeper.server.syslog import Peers, Ports, listening
from watchkeeper.server.vitals import Pulse, read_vitals
from watchkeeper.settings import read_settings
from watchkeeper.store import Store
from watchkeeper.store.people import open_people

LOOK_SECONDS = 1.0
"""How often it is seen whether there is room, and what the figures are."""
MOST_TENANTS = 32
"""Tenants whose events stay open for reading."""
_OURS = ("/api", "/health", "/metrics", "/lists", "/taxii2", "/approve")
_BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Web:
    """What the web process does."""

    state: Path
    database: Path | str
    host: str
    port: int
    certificate: Path | None = None
    key: Path | None = None
    rules: tuple[Path, ...] = ()
    """Rules that are run, for the check-up: which of them can fire."""
    assets: Path | None = None
    """The inventory: what is protected is ruled on as such."""
    syslog: Ports = field(default_factory=Ports)


def serve(web: Web, stopping: Stopping) -> None:
    """Answer on the port until told to stop; then finish what is being answered and bring it to disk.

    Raises:
        OSError: the port, the journal or the database cannot be opened.
    """
    keep_freed_memory()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(web, stopping))


async def _serve(web: Web, stopping: Stopping) -> None:
    pulse = Pulse(web.state, "web")
    with pulse.beating():
        store = await asyncio.to_thread(awaited, web.database, pulse, stopping)
        if store is not None:
            with closing(store):
                await _answering(web, store, pulse, stopping)


async def _answering(web: Web, store: Store, pulse: Pulse, stopping: Stopping) -> None:
    table = EventTable(web.state / "lake" / "events")
    journal = Journal(web.state / "journal", positions=lambda numbers: reached(table, numbers))
    pulse.set("journal_damaged_bytes", journal.cut_bytes)
    desk = Desk(journal.accept, recognise(store))
    server = uvicorn.Server(_config(web, composed(build(_platform(web, store, stopping)), doors(desk))))
    async with listening(web.syslog, journal.accept, Peers(store.every_sender), desk.counts, _context(web)):
        pulse.phase("running")
        looking = asyncio.create_task(_look(journal, DoorFigures(desk.counts, pulse), pulse, server, web.state, stopping))
        await server.serve()
        looking.cancel()
    await asyncio.to_thread(journal.close)


def _context(web: Web) -> ssl.SSLContext | None:
    if web.certificate is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(web.certificate, web.key)
    return context


def _platform(web: Web, store: Store, stopping: Stopping) -> Platform:
    def now() -> datetime:
        return datetime.now(UTC)

    @lru_cache(maxsize=MOST_TENANTS)
    def events_of(tenant: str) -> Search:
        return StoredEvents(web.state / "lake" / "events", tenant, native_fields).search

    return Platform(
        people=open_people(store.database, web.state),
        stores=store.of,
        secure=web.certificate is not None,
        state=web.state,
        content=read_settings().rules,
        options=Options(paths=(), rules=web.rules),
        assets=web.assets,
        events_of=events_of,
        sql=SqlDesk(Questions(web.state / "lake" / "events")),
        heard=lambda: [one for vitals in read_vitals(web.state).vitals for one in vitals.heard],
        stopping=stopping,
        health=lambda: health(read_vitals(web.state).vitals, now()),
        metrics=lambda: metrics(read_vitals(web.state).vitals, now()),
        checkup=lambda why: tuple(looked_over(gathered(web.state, store, web.rules, now()), why)),
    )


def composed(api: Application, listeners: Application) -> Application:
    """Give one application: the API has its own paths, the listeners all others."""

    async def application(scope: Message, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        ours = scope["type"] != "http" or any(path == one or path.startswith(f"{one}/") for one in _OURS)
        await (api if ours else listeners)(scope, receive, send)

    return application


async def _look(journal: Journal, figures: DoorFigures, pulse: Pulse, server: uvicorn.Server, state: Path, stopping: Stopping) -> None:
    """See every second whether there is room and whether to stop."""
    while not stopping():
        full = await asyncio.to_thread(journal.look)
        pulse.phase("running", full)
        pulse.set("journal_free_bytes", shutil.disk_usage(state).free)
        figures.note()
        await asyncio.sleep(LOOK_SECONDS)
    server.should_exit = True


def _config(web: Web, application: Any) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        host=web.host,
        port=web.port,
        loop="none",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=5,
        ssl_certfile=web.certificate,
        ssl_keyfile=web.key,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )

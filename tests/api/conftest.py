"""A platform without a network: its store in a folder, its clock stopped."""

import json
import shutil
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from watchkeeper.access import passwords
from watchkeeper.access.passwords import hash_password
from watchkeeper.access.tokens import digest, new_id, new_secret
from watchkeeper.api.app import build
from watchkeeper.api.lists import router as lists
from watchkeeper.api.platform import Bounds, Platform
from watchkeeper.api.rates import Rate
from watchkeeper.api.taxii import router as taxii
from watchkeeper.autopilot import Options, investigate
from watchkeeper.autopilot.sql_desk import SqlDesk
from watchkeeper.lake import Questions
from watchkeeper.model.audit import Happened
from watchkeeper.model.principal import SCOPES, Role, Scope
from watchkeeper.model.token import ApiToken
from watchkeeper.model.user import User
from watchkeeper.store import Store, open_store
from watchkeeper.store.people import People, open_people

OFTEN = Rate(burst=100_000, a_second=100_000)
NOW = datetime.now(UTC).replace(microsecond=0)
"""The platform's time: places have their own clock, and what is put onto a list has to be on it still."""

Bearer = Callable[..., dict[str, str]]


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make passwords cheap to compare: what they cost is not what these tests are about."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = open_store(tmp_path)
    yield found
    found.close()


@pytest.fixture
def people(store: Store, tmp_path: Path) -> People:
    return open_people(store.database, tmp_path)


@pytest.fixture
def platform(people: People, store: Store) -> Platform:
    return Platform(people=people, stores=store.of, clock=lambda: NOW, bounds=Bounds(OFTEN, OFTEN, OFTEN))


@pytest.fixture
def client(platform: Platform) -> TestClient:
    return TestClient(build(platform))


@pytest.fixture
def lists_alone() -> Callable[[Path], FastAPI]:
    """Make an application that serves the lists of a state folder and has no database: nothing of lists is in one."""

    def make(state: Path) -> FastAPI:
        app = FastAPI()
        app.state.platform = Platform(people=cast("People", None), stores=cast("Callable[[str], Store]", None), state=state)
        for router in (lists, taxii):
            app.include_router(router)
        return app

    return make


@pytest.fixture
def bearer(people: People) -> Bearer:
    """Make an API token and give the header that shows it."""

    def make(role: Role, tenant: str = "default", scopes: tuple[Scope, ...] = SCOPES, days: int = 1) -> dict[str, str]:
        secret, ends = new_secret("wka"), NOW + timedelta(days=days)
        token = ApiToken(id=new_id(), name="t", tenant=tenant, role=role, scopes=scopes, made=NOW, made_by="x", expires=ends)
        people.add_token(token, digest(secret), Happened(time=NOW, tenant=tenant, who="x", what="token made"))
        return {"Authorization": f"Bearer {secret}"}

    return make


PASSWORD = "purple monkey dishwasher"  # noqa: S105 -- of users that are made here
Visitor = Callable[..., TestClient]


@pytest.fixture
def user(people: People) -> Callable[..., User]:
    """Add a user with the one password."""
    kept = hash_password(PASSWORD)

    def make(login: str, *roles: tuple[str, Role]) -> User:
        made = User(login=login, roles=roles, made=NOW, made_by="x", password_since=NOW)
        people.add_user(made, kept, Happened(time=NOW, tenant="*", who="x", what="user added", on=login))
        return made

    return make


@pytest.fixture
def visitor(platform: Platform, user: Callable[..., User]) -> Visitor:
    """Add a user and give a browser in which they signed in, with the form token."""

    def make(login: str, *roles: tuple[str, Role]) -> TestClient:
        user(login, *roles)
        browser = TestClient(build(platform))
        session = browser.post("/api/sign-in", json={"login": login, "password": PASSWORD})
        assert session.status_code == 200, session.text
        browser.headers["X-Watchkeeper-Form"] = session.json()["form_token"]
        return browser

    return make


LISTED = "{places: [{name: block, by: list, actions: [add_indicator], token: 'env:WK_TEST_LIST'}]}"


@pytest.fixture
def acting(people: People, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A platform with one place, a list that others fetch; what the list holds is seen there."""
    monkeypatch.setenv("WK_TEST_LIST", "a token of sixteen and more")
    (tmp_path / "response.yml").write_text(LISTED, "utf-8")
    return Platform(people=people, stores=store.of, clock=lambda: NOW, bounds=Bounds(OFTEN, OFTEN, OFTEN), state=tmp_path)


@pytest.fixture
def person(acting: Platform, user: Callable[..., User]) -> Callable[[str, Role], TestClient]:
    """Add a user and give a browser in which they signed in to that platform."""

    def make(login: str, role: Role) -> TestClient:
        user(login, ("default", role))
        browser = TestClient(build(acting))
        session = browser.post("/api/sign-in", json={"login": login, "password": PASSWORD})
        browser.headers["X-Watchkeeper-Form"] = session.json()["form_token"]
        return browser

    return make


RULE = """
title: Evil runs
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a55
status: test
logsource: {product: windows, category: process_creation}
detection:
  selection: {CommandLine|contains: evil}
  condition: selection
level: high
tags: [attack.t1059.003, attack.execution]
"""


def _event(host: str, time: str, number: int) -> str:
    event = {
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Hostname": host, "UtcTime": f"2025-04-{time}:00.000",
        "Image": "C:\\e.exe", "CommandLine": f"e.exe evil {number}", "User": f"CORP\\u{number}", "ProcessGuid": f"{{{number}}}",
    }  # fmt: skip
    return json.dumps(event)


@pytest.fixture(scope="session")
def investigated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with one case of two incidents in it; nobody changes it."""
    place = tmp_path_factory.mktemp("investigated")
    (place / "logs").mkdir()
    lines = [_event("ws1", "01 10:00", 1), _event("ws1", "01 10:01", 2), _event("ws2", "05 10:00", 3)]
    (place / "logs" / "ws.json").write_text("\n".join(lines), "utf-8")
    (place / "rule.yml").write_text(RULE, "utf-8")
    options = Options(paths=(place / "logs",), rules=(place / "rule.yml",), own_rules=False, engine="reference", state=place / "state")
    investigate(options, place / "case", "en")
    return place


@pytest.fixture
def answering(people: People, investigated: Path, tmp_path: Path) -> Iterator[TestClient]:
    """An application over a copy of that state, for the tenant `default`; another tenant has nothing."""
    state = tmp_path / "state"
    shutil.copytree(investigated / "state", state)
    store = open_store(state)
    yield TestClient(
        build(
            Platform(
                people=people,
                stores=store.of,
                clock=lambda: NOW,
                state=state,
                sql=SqlDesk(Questions(tmp_path / "lake")),
                options=Options(paths=(), rules=(investigated / "rule.yml",), own_rules=False),
                bounds=Bounds(OFTEN, OFTEN, OFTEN),
            )
        )
    )
    store.close()


@pytest.fixture
def ask(answering: TestClient, bearer: Bearer) -> Callable[..., Any]:
    """Ask as an analyst of the tenant `default` and expect an answer."""
    headers = bearer("analyst")

    def asked(method: str, path: str, code: int = 200, **body: object) -> Any:
        answer = answering.request(method, f"/api/{path}", headers=headers, json=body or None)
        assert answer.status_code == code, answer.text
        return answer.json()

    return asked


@contextmanager
def served(platform: Platform) -> Generator[str]:
    """Serve on a port that the system gives; give the address."""
    server = uvicorn.Server(uvicorn.Config(build(platform), host="127.0.0.1", port=0, log_config=None, ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not (server.started and server.servers):
        assert thread.is_alive()
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()

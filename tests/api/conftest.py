"""A platform without a network: its store in a folder, its clock stopped."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from watchkeeper.access import passwords
from watchkeeper.access.passwords import hash_password
from watchkeeper.access.tokens import digest, new_id, new_secret
from watchkeeper.api.app import build
from watchkeeper.api.platform import Bounds, Platform
from watchkeeper.api.rates import Rate
from watchkeeper.model.audit import Happened
from watchkeeper.model.principal import SCOPES, Role, Scope
from watchkeeper.model.token import ApiToken
from watchkeeper.model.user import User
from watchkeeper.store import Store, open_store
from watchkeeper.store.people import People, open_people

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)

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
    often = Rate(burst=100_000, a_second=100_000)
    return Platform(people=people, stores=store.of, clock=lambda: NOW, bounds=Bounds(often, often, often))


@pytest.fixture
def client(platform: Platform) -> TestClient:
    return TestClient(build(platform))


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

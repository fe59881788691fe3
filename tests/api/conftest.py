"""A platform without a network: its store in a folder, its clock stopped."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from watchkeeper.access.tokens import digest, new_id, new_secret
from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform
from watchkeeper.model.audit import Happened
from watchkeeper.model.principal import SCOPES, Role, Scope
from watchkeeper.model.token import ApiToken
from watchkeeper.store import Store, open_store
from watchkeeper.store.people import People, open_people

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)

Bearer = Callable[..., dict[str, str]]


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
    return Platform(people=people, stores=store.of, clock=lambda: NOW)


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

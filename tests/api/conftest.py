"""A platform without a network: its store in a folder, its clock stopped."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine

from watchkeeper.access.tokens import digest, new_id, new_secret
from watchkeeper.api.app import build
from watchkeeper.api.platform import Platform
from watchkeeper.model.principal import SCOPES, Role, Scope
from watchkeeper.model.token import ApiToken
from watchkeeper.store import open_store
from watchkeeper.store.people import People

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)

Bearer = Callable[..., dict[str, str]]


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    found = People(create_engine(f"sqlite:///{tmp_path / 'people.db'}"))
    yield found
    found.close()


@pytest.fixture
def platform(people: People, tmp_path: Path) -> Iterator[Platform]:
    store = open_store(tmp_path)
    yield Platform(people=people, stores=lambda _: store, clock=lambda: NOW)
    store.close()


@pytest.fixture
def client(platform: Platform) -> TestClient:
    return TestClient(build(platform))


@pytest.fixture
def bearer(people: People) -> Bearer:
    """Make an API token and give the header that shows it."""

    def make(role: Role, tenant: str = "default", scopes: tuple[Scope, ...] = SCOPES, days: int = 1) -> dict[str, str]:
        secret, ends = new_secret("wka"), NOW + timedelta(days=days)
        token = ApiToken(id=new_id(), name="t", tenant=tenant, role=role, scopes=scopes, made=NOW, made_by="x", expires=ends)
        people.add_token(token, digest(secret))
        return {"Authorization": f"Bearer {secret}"}

    return make

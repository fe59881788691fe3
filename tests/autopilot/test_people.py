"""The first start makes one admin, once; its password is kept nowhere."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.access.sign_in import Shown
from watchkeeper.autopilot.people import COMMAND_LINE, add_user, first_admin, make_token
from watchkeeper.autopilot.signing_in import sign_in
from watchkeeper.store import Store, open_store
from watchkeeper.store.people import open_people

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = open_store(tmp_path)
    yield found
    found.close()


def test_the_first_start_makes_an_admin_once_and_keeps_no_password(store: Store, tmp_path: Path) -> None:
    people = open_people(store.database, tmp_path)
    password = first_admin(people, NOW)
    assert password is not None
    assert first_admin(people, NOW) is None
    came = sign_in(people, Shown("admin", password), "127.0.0.1", NOW)
    assert came.user is not None
    assert came.user.roles == (("*", "admin"),)
    store.close()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or password.encode() not in file.read_bytes(), file.name


def test_two_first_starts_at_once_make_one_admin(store: Store, tmp_path: Path) -> None:
    def start(_: int) -> str | None:
        try:
            return first_admin(open_people(store.database, tmp_path), NOW)
        except ValueError:
            return None

    with ThreadPoolExecutor(2) as both:
        assert sum(password is not None for password in both.map(start, range(2))) == 1


@pytest.mark.parametrize("tenant", ["../x", "", "A", "x" * 64])
def test_a_role_needs_a_tenant_that_there_can_be(store: Store, tmp_path: Path, tenant: str) -> None:
    people = open_people(store.database, tmp_path)
    with pytest.raises(ValueError, match="tenant"):
        add_user(people, "rosa", "correct horse battery", [(tenant, "viewer")], COMMAND_LINE, NOW)
    with pytest.raises(ValueError, match="tenant"):
        make_token(people, "t", ("viewer", ("read",)), 1, COMMAND_LINE.model_copy(update={"tenant": tenant}), NOW)
    assert (people.count_users(), people.tokens(), people.audit.head().number) == (0, (), 0)

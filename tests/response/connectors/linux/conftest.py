"""A Linux host of our own over SSH: the machine that tests run on, in a network namespace."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.response.connectors.conftest import Network, needed, ssh_server

from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.means import Job, Means
from watchkeeper.response.connectors.hosts import HostsPlace

HERE, OTHER, THERE = "198.51.100.2", "198.51.100.3", "198.51.100.1"


@dataclass(frozen=True)
class Host:
    """A host, and the namespace in which responders are, which is where we are."""

    place: HostsPlace
    network: Network
    responders: Network

    def means(self, action: str) -> Means:
        return self.place.means(action, str)


@pytest.fixture
def host(network: Callable[[], Network], tmp_path: Path) -> Generator[Host]:
    """A host called web1, which we reach over SSH from one of two addresses."""
    needed("nft", "ip")
    here, there = network(), network()
    here.joined(there, f"{HERE}/24", f"{THERE}/24")
    with ssh_server(there, tmp_path / "ssh", THERE) as machine, here.entered():
        place = HostsPlace.model_validate({
            "name": "servers", "by": "hosts", "system": "linux", "actions": ["isolate_host"], "hosts": {"web1": THERE},
            "at": machine.model_copy(update={"host": ""}).model_dump(), "quarantine": str(tmp_path / "quarantine"),
            "evidence": str(tmp_path / "evidence"),
        })  # fmt: skip
        yield Host(place, there, here)


def job(action: str, kind: EntityKind, value: str, *, key: str = "a" * 32, seconds: float = 600, **arguments: str) -> Job:
    return Job(
        key=key, tenant="default", incident="i1", action=action, targets=(Entity(kind=kind, value=value),), arguments=arguments,
        expires=datetime.now(UTC) + timedelta(seconds=seconds),
    )  # fmt: skip


def unreached() -> HostsPlace:
    """Give a place whose host is never asked."""
    login = {"user": "root", "identity": "file:/none", "known_hosts": "/none", "seconds": 1}
    told = {"name": "servers", "by": "hosts", "system": "linux", "actions": ["x"], "hosts": {"web1": "192.0.2.1"}, "at": login}
    return HostsPlace.model_validate(told)


def undone(means: Means, what: Job) -> str:
    assert means.undo is not None
    return means.undo(what).said

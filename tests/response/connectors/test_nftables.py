"""Blocked for real: traffic between two namespaces stops, and comes back after undo, after expiry, and only when no job needs the block."""

import json
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.response.connectors.conftest import Network, listening, needed, reaches, ssh_server, until

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.response.connectors.nftables import NftablesPlace

PORT = 8099
OUTSIDE, OTHER, SIX = "203.0.113.9", "203.0.113.10", "2001:db8::9"
WALL = "203.0.113.1"


@pytest.fixture
def edge(network: Callable[[], Network]) -> Generator[Network]:
    """A machine that we are in, with a wire to outside, where two addresses of each family listen."""
    needed("nft")
    wall, outside = network(), network()
    wall.joined(outside, f"{WALL}/24", f"{OUTSIDE}/24")
    name = json.loads(outside.run("ip", "-j", "link", "show", "type", "veth"))[0]["ifname"]
    near = json.loads(wall.run("ip", "-j", "link", "show", "type", "veth"))[0]["ifname"]
    outside.run("ip", "addr", "add", f"{OTHER}/24", "dev", name)
    outside.run("ip", "addr", "add", f"{SIX}/64", "dev", name, "nodad")
    wall.run("ip", "addr", "add", "2001:db8::1/64", "dev", near, "nodad")
    with listening(outside, PORT), wall.entered():
        yield wall


def _means(**otherwise: object) -> Means:
    return NftablesPlace.model_validate({"name": "edge", "by": "nftables", "actions": ["block_address"], **otherwise}).means(
        "block_address", str
    )


def _job(*targets: str, key: str = "a" * 32, seconds: float | None = 600) -> Job:
    return Job(
        key=key, tenant="default", incident="i1", action="block_address", arguments={},
        targets=tuple(Entity(kind="address", value=target) for target in targets),
        expires=datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None,
    )  # fmt: skip


def _undone(means: Means, job: Job) -> str:
    assert means.undo is not None
    return means.undo(job).said


def test_traffic_stops_and_comes_back_after_undo(edge: Network) -> None:
    means, job = _means(), _job(OUTSIDE, SIX)
    assert means.check(job).outcome == "not-in-force"
    assert reaches(edge, OUTSIDE, PORT)
    assert means.do(job).said == "traffic with 2 addresses and networks is dropped by nftables on this machine"
    assert means.check(job).outcome == "in-force"
    assert [reaches(edge, address, PORT) for address in (OUTSIDE, SIX, OTHER)] == [False, False, True]
    before = edge.run("nft", "list", "ruleset")
    assert means.do(job).said.endswith("as before")
    assert len(edge.run("nft", "list", "ruleset")) == len(before)
    assert _undone(means, job).startswith("2 entries of this action taken out")
    assert [reaches(edge, address, PORT) for address in (OUTSIDE, SIX)] == [True, True]
    assert means.check(job).outcome == "not-in-force"
    assert _undone(means, job).startswith("0 entries")


def test_a_block_ends_by_itself(edge: Network) -> None:
    means, job = _means(), _job(OUTSIDE, seconds=1)
    means.do(job)
    assert not reaches(edge, OUTSIDE, PORT)
    until(lambda: reaches(edge, OUTSIDE, PORT), "the block outlives its time")
    assert means.check(job).outcome == "not-in-force"
    _undone(means, job)
    with pytest.raises(ValueError, match="the time of this action was over"):
        means.do(job)


def test_what_two_jobs_block_comes_back_when_the_second_ends(edge: Network) -> None:
    means, first, second = _means(), _job(OUTSIDE, OTHER), _job("203.0.113.8/30", key="b" * 32, seconds=None)
    means.do(first)
    means.do(second)
    _undone(means, first)
    assert (means.check(first).outcome, means.check(second).outcome) == ("not-in-force", "in-force")
    assert not reaches(edge, OUTSIDE, PORT)
    _undone(means, second)
    assert reaches(edge, OUTSIDE, PORT)


def test_other_tables_and_what_others_wrote_into_our_sets_stay(edge: Network) -> None:
    edge.run(
        "nft",
        "add table inet theirs; add chain inet theirs input { type filter hook input priority 0; }; add rule inet theirs input counter",
    )
    means = _means()
    means.do(_job(OUTSIDE))
    edge.run("nft", f"add element inet watchkeeper addresses4_1 {{ {OTHER} }}")
    means.do(_job(OTHER, key="b" * 32))
    for key in "ab":
        _undone(means, _job(OUTSIDE, OTHER, key=key * 32))
    assert "counter" in edge.run("nft", "list", "table", "inet", "theirs")
    assert [reaches(edge, address, PORT) for address in (OUTSIDE, OTHER)] == [True, False]


def test_a_block_that_somebody_took_out_is_found_out(edge: Network) -> None:
    means, job = _means(), _job(OUTSIDE)
    means.do(job)
    edge.run("nft", "flush chain inet watchkeeper output")
    assert means.check(job).outcome == "not-in-force"
    means.do(job)
    assert not reaches(edge, OUTSIDE, PORT)
    edge.run("nft", "delete table inet watchkeeper")
    assert means.check(job).outcome == "not-in-force"
    assert reaches(edge, OUTSIDE, PORT)


@pytest.mark.parametrize(
    ("target", "why"),
    [
        (WALL, "its own address"), ("203.0.113.0/29", "its own address"), ("127.0.0.1", "no address of somebody else"),
        ("::1", "no address of somebody else"), ("ff02::1", "no address of somebody else"),
        ("::ffff:127.0.0.1", "no address of somebody else"),
        (OTHER, "its gateway"), ("198.51.100.7", "in `never` of this place"), ("2001:db8::1", "its own address"),
    ],
)  # fmt: skip
def test_what_would_cut_us_off_is_refused_and_nothing_is_blocked(edge: Network, target: str, why: str) -> None:
    edge.run("ip", "route", "add", "default", "via", OTHER)
    with pytest.raises(ValueError, match=f"'edge' does not block .* {why}; nothing was blocked"):
        _means(never=["198.51.100.0/24"]).do(_job(OUTSIDE, target))
    assert reaches(edge, OUTSIDE, PORT)


@pytest.mark.slow
def test_over_ssh_the_way_that_we_come_is_spared(network: Callable[[], Network], tmp_path: Path) -> None:
    needed("nft")
    here, wall = network(), network()
    here.joined(wall, "198.51.100.2/24", "198.51.100.1/24")
    with listening(here, PORT), ssh_server(wall, tmp_path / "ssh", "198.51.100.1") as machine, here.entered():
        means = _means(at=machine.model_dump())
        with pytest.raises(ValueError, match="the way that we reach it by"):
            means.do(_job("198.51.100.2"))
        means.do(_job(OUTSIDE))
        assert means.check(_job(OUTSIDE)).outcome == "in-force"
        assert OUTSIDE in wall.run("nft", "list", "table", "inet", "watchkeeper")
        _undone(means, _job(OUTSIDE))
        assert OUTSIDE not in wall.run("nft", "list", "table", "inet", "watchkeeper")


def test_many_addresses_and_networks_are_one_transaction_and_what_is_not_ours_outlives_them(edge: Network) -> None:
    means, other = _means(), _job("172.16.0.0/24", OUTSIDE, key="b" * 32)
    means.do(other)
    addresses = [f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}" for number in range(10_000)]
    job = _job(*addresses, *(f"172.{16 + (number >> 8)}.{number & 255}.0/24" for number in range(2, 4_002, 2)))
    means.do(job)
    assert means.check(job).said.startswith("12,000 of 12,000")
    assert _undone(means, job).startswith("12,000 entries")
    assert means.check(job).said.startswith("0 of 12,000")
    assert means.check(other).outcome == "in-force"
    assert not reaches(edge, OUTSIDE, PORT)


def test_it_blocks_addresses_and_nothing_else() -> None:
    with pytest.raises(ValueError, match="'edge' is nftables"):
        NftablesPlace(name="edge", by="nftables", actions=("kill_process",)).means("kill_process", str)

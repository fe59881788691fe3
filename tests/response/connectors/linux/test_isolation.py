"""A host is cut off for real: only the responders' address still gets through, and it is back after undo and after its time."""

import json
import subprocess

import pytest
from tests.response.connectors.conftest import listening, reaches, until
from tests.response.connectors.linux.conftest import HERE, OTHER, THERE, Host, job, undone

PORT = 8098


def _second_address(host: Host) -> None:
    name = json.loads(host.responders.run("ip", "-j", "link", "show", "type", "veth"))[0]["ifname"]
    host.responders.run("ip", "addr", "add", f"{OTHER}/24", "dev", name)


def _ways(host: Host) -> list[bool]:
    """Say whether a responder reaches the host, somebody else does, it reaches the responder, it reaches somebody else, and itself."""
    return [
        reaches(host.responders, THERE, PORT), reaches(host.responders, THERE, PORT, OTHER),
        reaches(host.network, HERE, PORT), reaches(host.network, OTHER, PORT), reaches(host.network, "127.0.0.1", PORT),
    ]  # fmt: skip


@pytest.mark.slow
def test_only_the_way_that_we_come_is_left_and_everything_returns(host: Host) -> None:
    _second_address(host)
    means, what = host.means("isolate_host"), job("isolate_host", "host", "web1")
    with listening(host.network, PORT), listening(host.responders, PORT):
        assert means.check(what).outcome == "not-in-force"
        assert _ways(host) == [True] * 5
        assert means.do(what).said == f"web1 is cut off the network by its own nftables, all but {HERE}/32"
        assert means.check(what).outcome == "in-force"
        assert _ways(host) == [True, False, True, False, True]
        means.do(what)
        assert _ways(host) == [True, False, True, False, True]
        undone(means, what)
        assert (means.check(what).outcome, _ways(host)) == ("not-in-force", [True] * 5)
        undone(means, what)


@pytest.mark.slow
def test_isolation_ends_by_itself_and_another_jobs_does_not_end_with_it(host: Host) -> None:
    _second_address(host)
    means = host.means("isolate_host")
    short, long = job("isolate_host", "host", "web1", seconds=3), job("isolate_host", "host", "web1", key="b" * 32)
    with listening(host.network, PORT):
        means.do(long)
        means.do(short)
        undone(means, long)
        assert not reaches(host.responders, THERE, PORT, OTHER)
        until(lambda: reaches(host.responders, THERE, PORT, OTHER), "isolation outlives its time")
        assert means.check(short).outcome == "not-in-force"


@pytest.mark.slow
def test_isolation_that_somebody_took_out_is_found_out(host: Host) -> None:
    means, what = host.means("isolate_host"), job("isolate_host", "host", "web1")
    means.do(what)
    table = f"watchkeeper_isolated_{what.key}"
    host.network.run("nft", f"flush chain inet {table} output")
    seen = means.check(what)
    assert (seen.outcome, seen.said) == ("not-in-force", "on web1, nftables drops ipv4, ipv6 in forward, input for this action")
    host.network.run("nft", f"delete table inet {table}")
    assert means.check(what).said == "on web1, nftables drops nothing in no chain for this action"
    assert subprocess.run([*host.network.words, "nft", "list", "ruleset"], capture_output=True, check=True).stdout == b""

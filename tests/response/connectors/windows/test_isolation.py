"""A host is isolated with what its firewall is told, never blind; what the firewall lists afterwards is judged, not what was answered."""

import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.response.connectors.windows.conftest import CAME, KEY, Host, job, place

NOW = int(datetime(2026, 3, 1, 10, tzinfo=UTC).timestamp())
GROUP = f"Watchkeeper {KEY}"


def _state(**otherwise: object) -> dict[str, object]:
    told = {"came": CAME, "seconds": NOW, "runs": True, "off": [], "deaf": [], "near": ["192.0.2.1"], "ends": True, "rules": []}
    return {**told, **otherwise}


def _as_listed(made: list[Mapping[str, Any]]) -> list[dict[str, object]]:
    kept = ("direction", "protocol", "addresses")
    return [{**{name: one[name] for name in kept}, "ports": one["ports"] or ["Any"], "blocks": True} for one in made]


def test_a_host_is_cut_off_by_rules_that_leave_us_in_and_a_task_that_ends_them(host: Host) -> None:
    what = job("isolate_host", "host", "ws1")
    host.says(_state())
    host.says({})
    done = host.means("isolate_host").do(what)
    assert done.said == "ws1 is cut off the network by its own firewall, all but 192.0.2.7/32"
    assert done.reference == f"{GROUP} 192.0.2.7/32"
    look, told = host.sent[0].told, host.sent[1].told
    assert (look["group"], told["group"]) == (GROUP, GROUP)
    assert {one["name"].removeprefix(GROUP) for one in told["rules"]} == {
        f" {way} {protocol}" for way in ("in", "out") for protocol in ("Any", "TCP", "UDP", "ICMPv4")
    }
    ends = datetime.strptime(told["boundary"], "%Y-%m-%dT%H:%M:%S%z")
    assert timedelta(seconds=590) < ends - datetime.fromtimestamp(NOW, UTC) <= timedelta(seconds=600), "by the host's own clock"
    script = b64decode(told["ending"].split()[-1]).decode("utf-16-le")
    assert json.loads(b64decode(script.split("'")[1])) == {"group": GROUP, "ends": ends.timestamp()}


def test_what_the_firewall_lists_says_whether_it_is_in_force(host: Host) -> None:
    means, what = host.means("isolate_host"), job("isolate_host", "host", "ws1")
    host.says(_state(), {})
    reference = means.do(what).reference
    what, listed = what.model_copy(update={"reference": reference}), _as_listed(host.sent[1].told["rules"])
    for state, outcome, said in (
        (_state(rules=listed), "in-force", "blocks all but 192.0.2.7/32"),
        (_state(rules=listed, came="192.0.2.8 1 192.0.2.10 22"), "in-force", "blocks all but 192.0.2.8/32, 192.0.2.7/32"),
        (_state(rules=listed[1:]), "not-in-force", "TCP in is open to 1.0.0.0-126.255.255.255"),
        (_state(rules=[]), "not-in-force", "TCP in is open"),
        (_state(rules=[*listed[:-1], {**listed[-1], "blocks": False}]), "not-in-force", "ICMPv4 out is open to 192.0.2.1-192.0.2.1"),
        (_state(rules=listed, ends=False), "not-in-force", "the task that ends it is not there"),
        (_state(rules=listed, runs=False), "not-in-force", "service does not run"),
        (_state(rules=listed, off=["Public"]), "not-in-force", "the firewall is off in Public"),
        (_state(rules=listed, deaf=["Domain"]), "not-in-force", "ignore the host's own rules in Domain"),
    ):
        host.says(state)
        seen = means.check(what)
        assert (seen.outcome, said in seen.said) == (outcome, True), seen.said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (_state(runs=False), "is not isolated, since the firewall's service does not run"), (_state(off=["Public"]), "is off in Public"),
        (_state(deaf=["Domain", "Private"]), "in Domain, Private"), (_state(came=""), "nobody would reach 'ws1' any more"),
        (_state(came="pipe"), "does not appear to be"), (_state(near=["DHCP"]), "does not appear to be"),
    ],
)  # fmt: skip
def test_a_host_is_not_isolated_blind_or_in_vain(host: Host, state: dict[str, object], said: str) -> None:
    host.says(state)
    with pytest.raises(ValueError, match=said):
        host.means("isolate_host").do(job("isolate_host", "host", "ws1"))
    assert len(host.sent) == 1, "nothing was changed"


def test_responders_are_left_in_too_and_ipv6_is_understood(host: Host) -> None:
    host.says(_state(came="fe80::1%5 50111 fe80::2%5 22", near=["192.0.2.1", "fe80::9"]), {})
    means = place(responders=["198.51.100.0/24"]).means("isolate_host", str)
    assert means.do(job("isolate_host", "host", "ws1")).said.endswith("all but 198.51.100.0/24, fe80::1/128")
    host.says(_state(came="", near=[]), {})
    means.do(job("isolate_host", "host", "ws1"))
    host.says(_state(came="::ffff:192.0.2.7 1 ::ffff:192.0.2.10 22"), {})
    assert means.do(job("isolate_host", "host", "ws1")).said.endswith("192.0.2.7/32")


def test_what_lasts_has_no_task_and_what_is_over_is_not_begun(host: Host) -> None:
    what = job("isolate_host", "host", "ws1")
    host.says(_state(), {})
    host.means("isolate_host").do(what.model_copy(update={"expires": None}))
    assert (host.sent[1].told["ending"], host.sent[1].told["boundary"]) == ("", "")
    with pytest.raises(ValueError, match="was over"):
        host.means("isolate_host").do(what.model_copy(update={"expires": datetime.now(UTC) - timedelta(seconds=1)}))


def test_it_is_taken_back_by_its_own_name_alone(host: Host) -> None:
    undo = host.means("isolate_host").undo
    assert undo is not None
    host.says({})
    assert undo(job("isolate_host", "host", "ws1")).said == "ws1 is back on the network as far as this action goes"
    assert host.sent[0].told["group"] == GROUP


@pytest.mark.parametrize("answer", [_state(came="x\u202e"), _state(rules=[{}]), _state(seconds=-1), _state(more=1), {}])
def test_a_state_that_is_none_is_refused(host: Host, answer: dict[str, object]) -> None:
    host.says(answer)
    with pytest.raises(ValueError, match="cannot be read"):
        host.means("isolate_host").check(job("isolate_host", "host", "ws1"))

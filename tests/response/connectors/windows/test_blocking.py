"""Rules leave nobody in but those who shall get through, whatever those are, and what somebody takes out of them is found."""

from collections.abc import Iterable, Mapping
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.response.connectors.windows.test_ranges import V4, V6

from watchkeeper.response.connectors.windows.blocking import holes, rules
from watchkeeper.response.connectors.windows.firewall import Blocking
from watchkeeper.response.connectors.windows.ranges import NOBODY, Network, beyond, of, read

OPEN = st.lists(st.one_of(V4.filter(lambda one: one.prefixlen > 2), V6.filter(lambda one: one.prefixlen > 2)), min_size=1, max_size=6)
NEAR = st.lists(st.one_of(V4, V6).map(lambda one: ip_network(one[0])), max_size=4)
RESPONDER = (ip_network("192.0.2.7/32"),)


def listed(made: Iterable[Mapping[str, str | list[str]]]) -> tuple[Blocking, ...]:
    """Give rules as the firewall has them once they were made."""
    return tuple(
        Blocking(
            blocks=True, direction=str(one["direction"]), protocol=str(one["protocol"]), ports=tuple(one["ports"]) or ("Any",),
            addresses=tuple(one["addresses"]),
        )
        for one in made
    )  # fmt: skip


@given(OPEN, NEAR)
def test_everybody_is_blocked_but_who_shall_get_through(open_: list[Network], near: list[Network]) -> None:
    made = [*rules("g", tuple(open_), tuple(near))]
    assert list(holes(listed(made), tuple(open_))) == []
    for one in made:
        assert one["addresses"]
        blocked = read(one["addresses"])
        assert beyond(blocked, of(open_)) == of(open_), "a responder would be blocked"
        assert beyond(blocked, of(NOBODY)) == of(NOBODY), "the host would lose itself"
    for direction in ("Inbound", "Outbound"):
        every = [
            found for one in made if one["direction"] == direction and one["protocol"] in {"Any", "TCP"} for found in read(one["addresses"])
        ]
        assert beyond((*every, *of(open_), *of(NOBODY))) == ()


@given(OPEN, NEAR, st.data())
def test_a_rule_that_is_taken_out_or_off_or_weakened_leaves_a_hole(open_: list[Network], near: list[Network], data: st.DataObject) -> None:
    made = list(listed(rules("g", tuple(open_), tuple(near))))
    number = data.draw(st.integers(0, len(made) - 1))
    for weaker in ({"blocks": False}, {"protocol": "GRE"}, {"addresses": ("LocalSubnet",)}, {"addresses": ()}, {"direction": "x"}):
        changed = (*made[:number], made[number].model_copy(update=weaker), *made[number + 1 :])
        assert list(holes(changed, tuple(open_)))
    assert list(holes((*made[:number], *made[number + 1 :]), tuple(open_)))


def test_ports_that_somebody_let_through_are_a_hole_and_more_than_was_asked_for_is_none() -> None:
    made = listed(rules("g", RESPONDER, ()))
    udp = next(number for number, one in enumerate(made) if (one.protocol, one.direction) == ("UDP", "Outbound"))
    for ports, found in ((("1-52", "54-65535"), 1), (("Any",), 0), (("547-65535", "1-67", "69-545"), 0)):
        changed = (*made[:udp], made[udp].model_copy(update={"ports": ports}), *made[udp + 1 :])
        assert len(list(holes(changed, RESPONDER))) == found


def test_what_is_open_is_named() -> None:
    made = listed(rules("g", (*RESPONDER, ip_network("198.51.100.0/24")), ()))
    assert next(holes(made, RESPONDER)) == "TCP in is open to 198.51.100.0-198.51.100.255"
    assert len(list(holes((), RESPONDER))) == 6


def test_leases_and_neighbours_stay_and_nothing_else_of_what_is_near() -> None:
    made = list(rules("g", RESPONDER, (ip_network("192.0.2.1/32"), ip_network("192.0.2.7/32"))))
    assert [one["name"] for one in made] == [f"g {way} {protocol}" for way in ("in", "out") for protocol in ("Any", "TCP", "UDP", "ICMPv4")]
    every, tcp, udp, ping = (read(one["addresses"]) for one in made[:4])
    near = of(map(ip_network, ("192.0.2.1/32", "255.255.255.252/30", "fe80::/10", "ff02::/16")))
    assert tcp == udp == near
    assert beyond(every, near) == near
    assert ping == near[:2]
    assert [one["ports"] for one in made[:4]] == [[], [], ["1-67", "69-545", "547-65535"], []]


def test_responders_that_are_everybody_are_refused() -> None:
    with pytest.raises(ValueError, match="nothing would be cut off"):
        list(rules("g", (ip_network("0.0.0.0/0"), ip_network("::/0")), ()))

"""The sets: addresses are canonical, two jobs never hold the same element, and what is taken back is one's own."""

import json
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.entity import Entity
from watchkeeper.response.connectors.blocked_sets import LAYERS, Network, Standing, adding, missing_of, networks, read, removing, touching

NOTHING = read(b"")


def _four(number: int, length: int) -> Network:
    return ip_network((0xCB007100 + (number >> (32 - length) << (32 - length)), length))


NETWORKS = st.one_of(
    st.builds(_four, st.integers(0, 255), st.integers(26, 32)),
    st.integers(0, 30).map(lambda number: ip_network((0x20010DB8 << 96 | number, 128))),
)


def _targets(*values: str) -> tuple[Entity, ...]:
    return tuple(Entity(kind="address", value=value) for value in values)


def _played(standing: Standing, commands: list[dict[str, object]]) -> Standing:
    """Do with a listing what nft would do with its table; an element that overlaps another is refused, as nft does."""
    elements = {name: dict(held) for name, held in standing.elements.items()}
    rules = set(standing.rules)
    for command in json.loads(json.dumps(commands)):
        (verb, ((kind, body),)) = next((verb, told.items()) for verb, told in command.items())
        if kind == "set":
            elements.setdefault(body["name"], {})
        if verb == "flush" and kind == "set":
            elements[body["name"]].clear()
        if kind == "element":
            listing = {"nftables": [{"set": {"name": body["name"], "elem": body["elem"]}}]}
            for network, one in read(json.dumps(listing).encode()).elements[body["name"]].items():
                if verb == "delete":
                    del elements[body["name"]][network]
                else:
                    assert not any(network.overlaps(other) for other in elements[body["name"]])
                    elements[body["name"]][network] = one
        if kind == "rule":
            rules |= read(json.dumps({"nftables": [{"rule": body}]}).encode()).rules
    return Standing(elements, frozenset(rules))


def test_addresses_are_canonical_and_what_another_holds_is_left_out() -> None:
    found = networks(_targets("203.0.113.9", "::ffff:203.0.113.8", "203.0.113.8", "2001:DB8:0::1", "198.51.100.0/24", "198.51.100.7"))
    assert [str(one) for one in found] == ["198.51.100.0/24", "203.0.113.8/32", "203.0.113.9/32", "2001:db8::1/128"]


@pytest.mark.parametrize(
    "value", ["", "example.org", "203.0.113.9/24", "10.0.0.0/8", "::/0", "fe80::1%eth0", "1.2.3", "01.2.3.4", "1.2.3.4; flush"]
)
def test_what_is_no_address_or_too_wide_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"is no address|is not blocked"):
        networks(_targets(value))


def test_a_job_again_changes_nothing() -> None:
    wanted = networks(_targets("203.0.113.9", "2001:db8::1"))
    standing = _played(NOTHING, adding(NOTHING, wanted, "a", 60))
    assert missing_of(NOTHING, wanted, "a") == 2
    assert missing_of(standing, wanted, "a") == 0
    assert adding(standing, wanted, "a", 60) == []


def test_a_rule_that_somebody_took_out_is_seen_and_put_back() -> None:
    wanted = networks(_targets("203.0.113.9"))
    standing = _played(NOTHING, adding(NOTHING, wanted, "a", None))
    without = Standing(standing.elements, frozenset(rule for rule in standing.rules if rule[0] != "forward"))
    assert missing_of(without, wanted, "a") == 1
    assert missing_of(_played(without, adding(without, wanted, "a", None)), wanted, "a") == 0


def test_there_is_an_end_of_jobs_for_one_address() -> None:
    standing = NOTHING
    for number in range(LAYERS):
        standing = _played(standing, adding(standing, networks(_targets("203.0.113.9")), f"j{number}", 60))
    with pytest.raises(ValueError, match="8 other jobs"):
        adding(standing, networks(_targets("203.0.113.8", "203.0.113.9")), "one-more", 60)


def test_many_networks_are_taken_back_by_writing_the_others_anew() -> None:
    mine = networks(_targets(*(f"10.{number >> 8}.{number & 255}.0/24" for number in range(0, 1_000, 2))))
    standing = _played(NOTHING, adding(NOTHING, mine, "a", 60))
    standing = _played(standing, adding(standing, networks(_targets("10.0.1.0/24")), "b", None))
    commands = removing(standing, "a")
    assert [next(iter(command)) for command in commands] == ["flush", "add"]
    assert _played(standing, commands).of("b") == standing.of("b")
    assert _played(standing, commands).of("a") == {}


@given(st.lists(st.lists(NETWORKS, min_size=1, max_size=6), min_size=1, max_size=LAYERS), st.randoms())
def test_what_one_job_takes_back_is_never_what_another_needs(jobs: list[list[Network]], order: "st.Random") -> None:
    wanted = {f"j{number}": networks(_targets(*map(str, job))) for number, job in enumerate(jobs)}
    standing = NOTHING
    for job, those in wanted.items():
        standing = _played(standing, adding(standing, those, job, 60))
    left = list(wanted)
    while left:
        assert [missing_of(standing, wanted[job], job) for job in left] == [0] * len(left)
        gone = left.pop(order.randrange(len(left)))
        standing = _played(standing, removing(standing, gone))
        assert standing.of(gone) == {}
    assert not any(standing.elements.values())


@given(st.lists(NETWORKS, min_size=1, max_size=9), NETWORKS)
def test_what_touches_a_spared_network_is_found(those: list[Network], spared: Network) -> None:
    wanted = networks(_targets(*map(str, those)))
    hits = [one for one in wanted if one.version == spared.version and one.overlaps(spared)]
    assert (touching(wanted, spared) in hits) if hits else touching(wanted, spared) is None

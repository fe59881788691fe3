"""The arithmetic of addresses: what is beyond some networks and those networks are everything, and nothing is in both."""

from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.response.connectors.windows.ranges import ALL, NOBODY, Network, Range, beyond, of, read

V4 = st.builds(lambda n, bits: ip_network((n, bits), strict=False), st.integers(0, 2**32 - 1), st.integers(0, 32))
V6 = st.builds(lambda n, bits: ip_network((n.to_bytes(16), bits), strict=False), st.integers(0, 2**128 - 1), st.integers(0, 128))
NETWORKS = st.lists(st.one_of(V4, V6), max_size=12)


def _holds(ranges: tuple[Range, ...], version: int, number: int) -> bool:
    return any(one.version == version and one.first <= number <= one.last for one in ranges)


def _size(ranges: tuple[Range, ...]) -> int:
    return sum(one.last - one.first + 1 for one in ranges)


@given(NETWORKS)
def test_some_networks_and_what_is_beyond_them_are_everything_once(networks: list[Network]) -> None:
    inside, outside = of(networks), beyond(of(networks))
    assert _size(inside) + _size(outside) == _size(ALL)
    for one in networks:
        for number in (int(one[0]), int(one[-1])):
            assert _holds(inside, one.version, number)
            assert not _holds(outside, one.version, number)
        for number in (int(one[0]) - 1, int(one[-1]) + 1):
            if 0 <= number < 2**one.max_prefixlen:
                assert _holds(inside, one.version, number) != _holds(outside, one.version, number)
    assert beyond(outside) == inside


@given(NETWORKS)
def test_what_is_written_is_read_back(networks: list[Network]) -> None:
    for ranges in (of(networks), beyond(of(networks))):
        assert read(map(str, ranges)) == ranges


def test_addresses_are_read_as_the_firewall_lists_them() -> None:
    listed = ["10.0.0.0/255.0.0.0", "11.0.0.0/8", "192.0.2.1", "fe80::/10", "2001:db8::1-2001:db8::f", "192.0.2.2-192.0.2.3"]
    networks = [
        IPv4Network("10.0.0.0/7"), IPv4Network("192.0.2.1/32"), IPv4Network("192.0.2.2/31"), IPv6Network("fe80::/10"),
        *(IPv6Network(int(ip_address("2001:db8::")) + n) for n in range(1, 16)),
    ]  # fmt: skip
    assert read(listed) == of(networks)
    assert read(["Any"]) == ALL
    assert read([]) == ()


@pytest.mark.parametrize("listed", ["LocalSubnet", "", "192.0.2.9-192.0.2.1", "192.0.2.1-::1", "192.0.2.0/33", "a-b"])
def test_what_is_no_address_is_refused(listed: str) -> None:
    with pytest.raises(ValueError, match=r"does not appear to be|is no range"):
        read([listed])


def test_this_host_itself_is_nobody_else() -> None:
    assert [str(one) for one in of(NOBODY)] == ["0.0.0.0-0.255.255.255", "127.0.0.0-127.255.255.255", "::-::ffff:ffff:ffff:ffff"]

from ipaddress import IPv4Network, ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.intel.ranges import key_of, ranges

_NETWORKS = st.lists(
    st.builds(lambda number, length: IPv4Network((number << 24 | 0x0A0B0C, length), strict=False), st.integers(1, 3), st.integers(6, 32))
    | st.builds(lambda number, length: ip_network((number << 120, length), strict=False), st.integers(1, 3), st.integers(4, 128)),
    max_size=12,
)


@given(
    _NETWORKS, st.lists(st.integers(1 << 24, 4 << 24).map(ip_address) | st.integers(0, 4 << 120).map(lambda n: ip_address(n or 1 << 100)))
)
def test_an_address_is_in_those_networks_that_hold_it_the_smallest_first(networks: list, addresses: list) -> None:
    addresses += [end for one in networks for end in (one.network_address, one.broadcast_address)]
    table = ranges(networks)
    keys = [key_of(str(one)) for one in addresses]
    mapped = [getattr(one, "ipv4_mapped", None) or one for one in addresses]
    for address, found in zip(mapped, table.find(keys), strict=True):
        assert sorted(found) == [place for place, one in enumerate(networks) if one.version == address.version and address in one]
        lengths = [networks[place].prefixlen for place in found]
        assert lengths == sorted(lengths, reverse=True)


def test_a_network_is_in_those_around_the_whole_of_it() -> None:
    table = ranges([ip_network("10.0.0.0/8"), ip_network("10.1.0.0/16"), ip_network("10.1.2.0/24")])
    assert table.around(ip_network("10.1.0.0/17")) == [1, 0]
    assert table.around(ip_network("10.0.0.0/7")) == []


def test_what_is_no_address_has_no_key() -> None:
    assert key_of("example.org") is None
    assert key_of("1.2.3.4") == key_of("::ffff:1.2.3.4")

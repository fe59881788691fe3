"""One way to write a thing; what is a network, and how far it goes."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.entity import Entity
from watchkeeper.model.spelling import is_wide, network_of, plain, span


@pytest.mark.parametrize(
    ("kind", "value", "same"),
    [
        ("address", " 203.0.113.5/32 ", "203.0.113.5"),
        ("address", "203.0.113.77/24", "203.0.113.0/24"),
        ("address", "2001:DB8:0::1", "2001:db8::1"),
        ("address", "not an address.", "not an address"),
        ("host", "PC1.Corp.Example.", "pc1.corp.example"),
        ("process", "PC1:77 X", "PC1:77 X"),
    ],
)
def test_another_spelling_is_the_same_thing(kind: str, value: str, same: str) -> None:
    assert plain(Entity.model_validate({"kind": kind, "value": value})).value == same


@given(st.ip_addresses().map(str) | st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){3}(/[0-9]{1,2})?", fullmatch=True) | st.text(max_size=12))
def test_what_is_an_address_is_read_as_the_standard_library_reads_it(value: str) -> None:
    try:
        network = ipaddress.ip_network(value.strip(), strict=False)
    except ValueError:
        assert (network_of(value), span(value)) == (None, None)
        return
    assert span(value) == (network.version, int(network.network_address), int(network.broadcast_address))
    entity = Entity(kind="address", value=value)
    assert is_wide(entity) == (network.num_addresses > 1)
    assert plain(entity).value == (str(network) if network.num_addresses > 1 else str(network.network_address))


def test_what_is_too_long_for_an_address_is_none() -> None:
    assert network_of("1" * 10_000) is None

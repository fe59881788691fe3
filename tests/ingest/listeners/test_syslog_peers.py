import pytest

from watchkeeper.ingest.listeners.syslog_peers import by_networks
from watchkeeper.model.sender import Sender

WIDE = Sender(id="a" * 32, tenant="default", name="site", peers=("192.0.2.0/24", "2001:db8::/32"))
NARROW = Sender(id="b" * 32, tenant="other", name="firewall", peers=("192.0.2.7", "198.51.100.9/24"))
OFF = Sender(id="c" * 32, tenant="default", name="off", peers=("203.0.113.0/24",), on=False)


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.1", "site"), ("192.0.2.7", "firewall"), ("2001:db8::1", "site"), ("198.51.100.1", "firewall"), ("203.0.113.1", ""),
        ("8.8.8.8", ""), ("", ""), ("host", ""),
    ],
)  # fmt: skip
def test_the_smallest_network_wins(address: str, name: str) -> None:
    for of_peer in (by_networks([WIDE, NARROW, OFF]), by_networks([OFF, NARROW, WIDE])):
        for _ in range(2):
            found = of_peer(address)
            assert (found.name if found else "") == name


def test_what_is_no_network_is_said() -> None:
    with pytest.raises(ValueError, match="sender 'x': 'nonsense' is no network"):
        by_networks([Sender(id="d" * 32, tenant="default", name="x", peers=("nonsense",))])

import pytest

from watchkeeper.ingest.listeners.syslog_intake import plain_address


@pytest.mark.parametrize(
    ("address", "plain"),
    [("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("fe80::1%eth0", "fe80::1"), ("2001:db8::1", "2001:db8::1"), ("", "")],
)
def test_addresses_are_written_in_one_way(address: str, plain: str) -> None:
    assert plain_address(address) == plain

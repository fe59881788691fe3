"""Nothing listens beyond this machine until TLS is set and somebody can be let in."""

import pytest

from watchkeeper.access.listening import is_loopback, may_listen


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_this_machine_may_always_reach_it(host: str) -> None:
    may_listen(host, tls=False, ready=False, insecure=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "siem.example", "localhost.evil.example", "", "127.0.0.1.example"])  # noqa: S104 -- refused
def test_others_may_not_before_it_is_safe(host: str) -> None:
    assert not is_loopback(host)
    for tls in (False, True):
        for insecure in (False, True):
            with pytest.raises(ValueError, match="watchkeeper users add"):
                may_listen(host, tls=tls, ready=False, insecure=insecure)
    with pytest.raises(ValueError, match="plain text"):
        may_listen(host, tls=False, ready=True, insecure=False)
    may_listen(host, tls=True, ready=True, insecure=False)
    may_listen(host, tls=False, ready=True, insecure=True)

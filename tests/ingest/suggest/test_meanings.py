"""What values are."""

import pytest

from watchkeeper.ingest.suggest.meanings import Meaning, address, kind_of, meaning


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["203.0.113.9", "-", "2001:db8::1"], "address"),
        (["https://example.org/a"], "url"),
        (["bob@example.org"], "email"),
        (["d41d8cd98f00b204e9800998ecf8427e"], "hash"),
        (["GET", "POST"], "verb"),
        (["12", "-1.5"], "number"),
        (["/etc/passwd", "C:\\Windows"], "path"),
        (["www.example.org"], "domain"),
        (["00:00:5e:00:53:01"], "mac"),
        (["01234567-89ab-cdef-0123-456789abcdef"], "uuid"),
        (["12", "bob"], ""),
        (["-", ""], ""),
        ([], ""),
    ],
)
def test_the_kind_is_that_of_nearly_all_values(values: list[str], kind: str) -> None:
    assert kind_of(values) == kind


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("remoteAddr", ["203.0.113.9"], Meaning("address", "src_ip")),
        ("dst", ["203.0.113.9"], Meaning("address", "dst_ip")),
        ("server.ip", ["203.0.113.9"], Meaning("address", "dst_ip")),
        ("total", ["203.0.113.9"], Meaning("address", "src_ip")),
        ("srcport", ["22"], Meaning("number", "src_port")),
        ("destinationPort", ["22"], Meaning("number", "dst_port")),
        ("status", ["200"], Meaning("number", "sc-status")),
        ("userName", ["bob"], Meaning("", "user")),
        ("user.type", ["x"], Meaning("", "")),
        ("method", ["GET"], Meaning("verb", "cs-method")),
    ],
)
def test_the_name_is_said_by_kind_and_name(name: str, values: list[str], found: Meaning) -> None:
    assert meaning(name, values) == found


def test_an_address_may_stand_in_brackets() -> None:
    assert [address(text) for text in ("[2001:db8::1]", "fe80::1%eth0", "1.2.3", "x")] == ["2001:db8::1", "fe80::1", "", ""]

"""Entities as Microsoft lists them."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.ingest.alert_entities import microsoft, normal


@pytest.mark.parametrize(
    ("entity", "found"),
    [
        ({"Type": "account", "Name": "Maria", "NTDomain": "ACME"}, [("user", "maria")]),
        ({"Type": "account", "UserPrincipalName": "Maria@acme.example"}, [("user", "maria")]),
        ({"Type": "host", "FQDN": "PC01.acme.example"}, [("host", "pc01")]),
        ({"Type": "ip", "Address": "2001:DB8:0::1"}, [("address", "2001:db8::1")]),
        ({"Type": "file", "Directory": "/usr/bin", "Name": "nc"}, [("file", "/usr/bin/nc")]),
        ({"Type": "file", "Directory": "C:\\x\\", "Name": "a.exe"}, [("file", "C:\\x\\a.exe")]),
        ({"Type": "filehash", "Value": "AA"}, [("hash", "aa")]),
        ({"Type": "dns", "DomainName": "Evil.example"}, [("domain", "evil.example")]),
        ({"Type": "cloud-application", "Name": "Drive"}, [("service", "Drive")]),
        ({"Type": "host"}, []),
        ({"Type": "unheard-of", "Name": "x"}, []),
        ({"Type": 7}, []),
        ({"$ref": "3"}, []),
    ],
)
def test_each_kind_of_entity(entity: dict[str, object], found: list[tuple[str, str]]) -> None:
    assert list(microsoft([entity])) == found
    assert list(microsoft(msgspec.json.encode([entity]).decode())) == found


def test_a_file_has_one_hash_its_longest() -> None:
    entity = {"Type": "file", "Name": "a", "FileHashes": [{"Type": "filehash", "Value": "AA"}, {"Type": "filehash", "Value": "BBBB"}]}
    assert list(microsoft([entity])) == [("file", "a"), ("hash", "bbbb")]


def test_entities_within_entities_are_found_in_order() -> None:
    entity = {"Type": "process", "ImageFile": {"Type": "file", "Name": "a"}, "Account": {"Type": "account", "Name": "m"}}
    assert list(microsoft([entity, {"Type": "ip", "Address": "192.0.2.1"}])) == [("file", "a"), ("user", "m"), ("address", "192.0.2.1")]


def test_hosts_that_are_addresses_stay_whole() -> None:
    assert normal("host", "192.0.2.1") == "192.0.2.1"
    assert normal("host", "PC01.acme.example") == "pc01"


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_gives_entities_or_none(text: str) -> None:
    assert all(value for _kind, value in microsoft(text))
    assert list(microsoft("[" * 3_000)) == []

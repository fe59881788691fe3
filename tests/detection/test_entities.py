"""Entities and users: normalised, each once, without what ties nothing together."""

from collections.abc import Mapping

import pytest

from watchkeeper.detection.entities import entities_of, fields_needed, normalised, user_of
from watchkeeper.model.logsource import LogSource

WINDOWS = LogSource(product="windows", service="Security")
SYSMON = LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="3")
LOGON = LogSource(product="windows", service="Security", event_type="4624")
UNHEARD_OF = LogSource(product="unheard-of")


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("user", r"LAB\Bob", [r"lab\bob"]),
        ("user", r"LAB.example\Bob", [r"lab\bob"]),
        ("user", r".\Bob", ["bob"]),
        ("user", "Bob@lab.example", ["bob@lab.example"]),
        ("user", "SYSTEM@lab.example", []),
        ("url", "HTTP://Bad.example:80/A?b#c", ["http://bad.example/A?b"]),
        ("url", "/Only/A/Path", ["/only/a/path"]),
        ("user", "CN=Bob,OU=People,DC=lab", ["bob"]),
        ("user", r"NT AUTHORITY\SYSTEM", []),
        ("user", r"Window Manager\DWM-1", []),
        ("user", "WS1$", []),
        ("user", "-", []),
        ("host", "WS1.lab.example", ["ws1"]),
        ("host", r"\\WS1", ["ws1"]),
        ("host", "10.0.0.1", []),
        ("address", "::ffff:10.0.0.1", ["10.0.0.1"]),
        ("address", "127.0.0.1", []),
        ("address", "fe80::1", []),
        ("address", "ec2.amazonaws.com", []),
        ("domain", "Example.COM.", ["example.com"]),
        ("domain", "ws1", []),
        ("domain", "1.0.0.10.in-addr.arpa", []),
        ("hash", "MD5=" + "A" * 32 + ",SHA256=" + "B" * 64 + ",IMPHASH=" + "C" * 32, ["b" * 64]),
        ("hash", "IMPHASH=" + "C" * 32, []),
        ("process", r"C:\Windows\System32\svchost.exe", []),
        ("process", r"\Device\HarddiskVolume3\Windows\System32\lsass.exe", []),
        ("process", r"C:\Tools\x.EXE", [r"c:\tools\x.exe"]),
    ],
)
def test_a_text_names_an_entity(kind: str, text: str, values: list[str]) -> None:
    assert [value for _, value in normalised(kind, text)] == values


@pytest.mark.parametrize(
    ("row", "user"),
    [
        ({"User": r"LAB\Bob"}, r"lab\bob"),
        ({"SubjectUserName": "Bob", "SubjectDomainName": "lab.example"}, r"lab\bob"),
        ({"AccountName": "Bob", "Domain": "LAB"}, r"lab\bob"),
        ({"SubjectUserName": "SYSTEM", "SubjectDomainName": "NT AUTHORITY", "TargetUserName": "Bob", "TargetDomainName": "-"}, "bob"),
        ({"SubjectUserName": "-", "TargetUserName": "Bob"}, "bob"),
        ({"SubjectUserName": "WS1$", "TargetUserName": "Bob"}, "bob"),
        ({"SubjectUserName": "SYSTEM"}, "system"),
        ({"SubjectUserName": "-"}, ""),
        ({}, ""),
    ],
)
def test_the_user_is_who_acted(row: Mapping[str, str], user: str) -> None:
    assert user_of(WINDOWS, row) == user


def test_an_event_gives_each_entity_once_and_the_host_first() -> None:
    row = {"Computer": "WS1.lab", "User": r"LAB\bob", "ParentUser": r"LAB\bob", "DestinationIp": "10.0.0.9", "SourceIp": "::1"}
    assert entities_of(SYSMON, row, "ws1") == (("host", "ws1"), ("user", r"lab\bob"), ("address", "10.0.0.9"))


def test_an_account_has_the_domain_that_stands_beside_it() -> None:
    row = {"TargetUserName": "Bob", "TargetDomainName": "LAB", "SubjectUserName": "WS1$", "SubjectDomainName": "LAB"}
    assert entities_of(LOGON, row, "ws1") == (("host", "ws1"), ("user", r"lab\bob"))
    assert fields_needed(LOGON) >= row.keys()


def test_a_member_of_a_group_that_is_named_by_its_sid_alone_is_an_account() -> None:
    changed = LogSource(product="windows", service="Security", event_type="4732")
    row = {"MemberName": "-", "MemberSid": "S-1-5-21-1-2-3-1105", "TargetUserName": "Administrators"}
    assert ("account", "s-1-5-21-1-2-3-1105") in entities_of(changed, row, "dc1")
    assert entities_of(changed, row | {"MemberSid": "S-1-5-11"}, "dc1") == (("host", "dc1"),)


def test_a_product_without_fields_gives_the_host_alone() -> None:
    assert entities_of(UNHEARD_OF, {"User": "bob"}, "ws1") == (("host", "ws1"),)
    assert entities_of(UNHEARD_OF, {}, "") == ()


def test_what_any_product_calls_an_address_or_user_needs_no_section_of_its_own() -> None:
    row = {"src_ip": "203.0.113.9", "user": "bob", "cs-host": "shop.example.com:8080"}
    assert {("address", "203.0.113.9"), ("user", "bob")} <= set(entities_of(UNHEARD_OF, row, "ws1"))
    assert ("address", "203.0.113.10") in entities_of(UNHEARD_OF, {"c-ip": "203.0.113.10"}, "")
    assert user_of(UNHEARD_OF, row) == "bob"
    assert ("address", "203.0.113.9") in entities_of(LogSource(product="linux", service="sshd", event_type="failed"), row, "")

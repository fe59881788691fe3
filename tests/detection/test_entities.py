"""Entities and users: normalised, each once, without what ties nothing together."""

from collections.abc import Mapping

import pytest

from watchkeeper.detection.entities import entities_of, normalised, user_of
from watchkeeper.model.logsource import LogSource

WINDOWS = LogSource(product="windows", service="Security")
SYSMON = LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="3")
UNHEARD_OF = LogSource(product="unheard-of")


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("user", r"LAB\Bob", ["bob"]),
        ("user", "Bob@lab.example", ["bob"]),
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
        ({"User": r"LAB\Bob"}, "bob"),
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
    assert entities_of(SYSMON, row, "ws1") == (("host", "ws1"), ("user", "bob"), ("address", "10.0.0.9"))


def test_a_product_without_fields_gives_the_host_alone() -> None:
    assert entities_of(UNHEARD_OF, {"User": "bob"}, "ws1") == (("host", "ws1"),)
    assert entities_of(UNHEARD_OF, {}, "") == ()


def test_what_any_product_calls_an_address_or_user_needs_no_section_of_its_own() -> None:
    row = {"src_ip": "203.0.113.9", "user": "bob", "cs-host": "shop.example.com:8080"}
    assert {("address", "203.0.113.9"), ("user", "bob")} <= set(entities_of(UNHEARD_OF, row, "ws1"))
    assert ("address", "203.0.113.10") in entities_of(UNHEARD_OF, {"c-ip": "203.0.113.10"}, "")
    assert user_of(UNHEARD_OF, row) == "bob"
    assert ("address", "203.0.113.9") in entities_of(LogSource(product="linux", service="sshd", event_type="failed"), row, "")

"""Every family on one event of its own kind: who did what to what."""

from datetime import UTC, datetime

import pytest

from watchkeeper.evidence import origin
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.tracing.addresses import Addresses
from watchkeeper.tracing.families import FAMILIES, facts
from watchkeeper.tracing.families.pattern import Cast
from watchkeeper.tracing.processes import Processes

SYSMON = "Microsoft-Windows-Sysmon/Operational"
ACTOR = {"ProcessGuid": "{P}", "ProcessId": "7", "Image": r"C:\Temp\x.exe"}
ZEEK = {"id.orig_h": "10.1.0.7", "id.resp_h": "198.51.100.4", "id.resp_p": "443"}
TRAIL = {"userIdentity.arn": "arn:aws:iam::1:user/eva", "eventName": "CreateUser", "sourceIPAddress": "198.51.100.4"}

HOME = {"DestinationIp": "198.51.100.4", "DestinationPort": "443"}
CALLED = {"SourceIp": "198.51.100.4", "DestinationPort": "443", "Initiated": "false"}
FROM = {"TargetUserName": "eva", "TargetLogonId": "0x9", "LogonType": "3", "IpAddress": "198.51.100.4"}
AS = {"SubjectUserName": "eva", "TargetUserName": "adm", "TargetServerName": "srv2"}
EXEC = {"syscall": "59", "success": "yes", "pid": "7", "ppid": "6", "exe": "/opt/x"}
NAMED = {"signal.title": "t", "signal.detector": "wazuh", "signal.entities": "address:198.51.100.4"}

CASES: list[tuple[str, str, str, dict[str, str], tuple[str, str, str]]] = [
    ("windows", SYSMON, "3", ACTOR | HOME, ("x.exe", "connected", "198.51.100.4")),
    ("windows", SYSMON, "3", ACTOR | CALLED, ("198.51.100.4", "accepted", "x.exe")),
    ("windows", SYSMON, "11", ACTOR | {"TargetFilename": r"C:\Temp\y.dll"}, ("x.exe", "wrote", "y.dll")),
    ("windows", SYSMON, "13", ACTOR | {"TargetObject": r"HKLM\Software\Run\y", "Details": "y.exe"}, ("x.exe", "set", "y")),
    ("windows", SYSMON, "22", ACTOR | {"QueryName": "evil.example"}, ("x.exe", "asked", "evil.example")),
    ("windows", SYSMON, "23", ACTOR | {"TargetFilename": r"C:\Temp\y.dll"}, ("x.exe", "deleted", "y.dll")),
    ("windows", "Security", "4624", FROM, ("198.51.100.4", "logged-on", "eva")),
    ("windows", "Security", "4625", FROM, ("198.51.100.4", "failed", "eva")),
    ("windows", "Security", "4648", AS, ("eva", "used", "srv2")),
    ("windows", "Security", "4698", {"SubjectUserName": "eva", "TaskName": r"\upd"}, ("eva", "created", "upd")),
    ("windows", "Security", "4720", {"SubjectUserName": "eva", "TargetUserName": "helper"}, ("eva", "created", "helper")),
    ("windows", "Security", "1102", {"SubjectUserName": "eva"}, ("eva", "cleared", "ws7")),
    ("windows", "System", "7045", {"ServiceName": "upd", "ImagePath": "x.exe"}, ("ws7", "installed", "upd")),
    ("windows", "Microsoft-Windows-PowerShell/Operational", "4104", {"ScriptBlockText": "iex $x"}, ("ws7", "ran", "iex $x")),
    ("linux", "sysmon", "3", ACTOR | HOME | {"Image": "/opt/x"}, ("x", "connected", "198.51.100.4")),
    ("linux", "auditd", "SYSCALL", EXEC, ("pid 6", "started", "x")),
    ("zeek", "conn", "", ZEEK, ("10.1.0.7", "reached", "198.51.100.4")),
    ("zeek", "dns", "", {"id.orig_h": "10.1.0.7", "query": "evil.example"}, ("10.1.0.7", "asked", "evil.example")),
    ("aws", "cloudtrail", "", TRAIL, ("arn:aws:iam::1:user/eva", "called", "CreateUser")),
    ("wazuh", "alerts", "", NAMED, ("ws7", "alerted", "198.51.100.4")),
]  # fmt: skip


def _event(product: str, service: str, event_type: str, fields: dict[str, str]) -> Event:
    source = LogSource(product=product, service=service, event_type=event_type)
    return Event(id="e", time=datetime(2024, 3, 5, tzinfo=UTC), host="ws7", source="a", row=0, logsource=source, fields=dict(fields))


@pytest.mark.parametrize(
    ("product", "service", "event_type", "fields", "edge"), CASES, ids=[f"{case[1]}-{case[2]}-{case[4][1]}" for case in CASES]
)
def test_an_event_shows_who_did_what_to_what(
    product: str, service: str, event_type: str, fields: dict[str, str], edge: tuple[str, str, str]
) -> None:
    event = _event(product, service, event_type, fields)
    shown = list(facts([event], Cast(Processes([event]), Addresses(()))))
    assert edge in {(fact.source.label, fact.kind, fact.target.label) for fact in shown}
    assert any(fact.predicate for fact in shown), origin(event.logsource)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "fe80::1", "224.0.0.251", "-", "LOCAL"])
def test_what_is_no_other_machine_makes_no_edge(address: str) -> None:
    event = _event("windows", SYSMON, "3", ACTOR | {"DestinationIp": address, "DestinationPort": "443"})
    assert list(facts([event], Cast(Processes([event]), Addresses(())))) == []


def test_every_family_has_edges() -> None:
    assert all(family.PATTERNS for family in FAMILIES)

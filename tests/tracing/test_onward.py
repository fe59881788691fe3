"""A logon from another host, what led to it there and what it brought here are one edge that says which way."""

from types import SimpleNamespace

import pytest

from watchkeeper.model.event import Event
from watchkeeper.tracing.addresses import Addresses
from watchkeeper.tracing.fact import Fact
from watchkeeper.tracing.families import facts
from watchkeeper.tracing.families.pattern import Cast
from watchkeeper.tracing.onward import onward
from watchkeeper.tracing.processes import Processes

WS, SRV, GUID = "10.1.0.7", "10.1.0.20", "{AB-1}"
SESSION = {"TargetUserName": "adm", "TargetLogonId": "0x99", "LogonType": "3", "LogonGuid": GUID}
IN_IT = {"SubjectUserName": "adm", "SubjectLogonId": "0x99"}
ON_SRV = {"Initiated": "true", "SourceIp": SRV, "DestinationIp": "198.51.100.9", "DestinationPort": "443", "Image": "C:\\x.exe"}
CALL = {
    "Initiated": "true", "SourceIp": WS, "DestinationIp": SRV, "DestinationPort": "445", "ProcessGuid": "{A-4}", "ProcessId": "1004",
    "Image": "C:\\Users\\eva\\x.exe",
}  # fmt: skip


def known(made: SimpleNamespace) -> list[Event]:
    """What says whose the addresses are."""
    ours = CALL | {"DestinationIp": "198.51.100.4", "DestinationPort": "443"}
    return [made.windows("sysmon", 3, -900, "ws7", **ours), made.windows("sysmon", 3, -900, "srv2", **ON_SRV)]


def logon(made: SimpleNamespace, **more: str) -> Event:
    return made.windows("security", 4624, 10, "srv2", **(SESSION | {"IpAddress": WS} | more))


def moved(made: SimpleNamespace, *events: Event) -> list[Fact]:
    every = [*known(made), *events]
    cast = Cast(Processes(every), Addresses(every))
    return [fact for fact in onward(every, list(facts(every, cast)), cast) if fact.kind == "went-on"]


def session_start(made: SimpleNamespace, image: str, parent: str, command: str = "") -> Event:
    fields = {"ProcessGuid": "{B-9}", "ProcessId": "9", "Image": image, "ParentImage": parent, "CommandLine": command, "LogonId": "0x99"}
    return made.windows("sysmon", 1, 12, "srv2", **fields, User="CORP\\adm")


PIPE = {"ShareName": "\\\\*\\IPC$", "RelativeTargetName": "svcctl", "IpAddress": WS, "AccessMask": "0x3"}
WRITTEN = {"ShareName": "\\\\*\\ADMIN$", "RelativeTargetName": "x.exe", "IpAddress": WS, "AccessMask": "0x2"}
SYSTEM = "C:\\Windows\\System32\\"
WAYS = [
    ("service", lambda made: [made.windows("security", 5145, 11, "srv2", **IN_IT, **PIPE),
                              made.windows("system", 7045, 12, "srv2", ServiceName="upd", ImagePath="C:\\Windows\\x.exe")]),
    ("task", lambda made: [made.windows("security", 4698, 60, "srv2", **IN_IT, TaskName="\\upd")]),
    ("wmi", lambda made: [session_start(made, SYSTEM + "cmd.exe", SYSTEM + "wbem\\WmiPrvSE.exe")]),
    ("winrm", lambda made: [session_start(made, SYSTEM + "wsmprovhost.exe", SYSTEM + "svchost.exe")]),
    ("dcom", lambda made: [session_start(made, "C:\\Office\\EXCEL.EXE", SYSTEM + "svchost.exe", "EXCEL.EXE /automation -Embedding")]),
    ("file", lambda made: [made.windows("security", 5145, 11, "srv2", **IN_IT, **WRITTEN)]),
]  # fmt: skip


@pytest.mark.parametrize(("way", "shown_by"), WAYS, ids=[way for way, _ in WAYS])
def test_what_the_target_recorded_says_which_way_it_was_worked(made: SimpleNamespace, way: str, shown_by: object) -> None:
    evidence = shown_by(made) if callable(shown_by) else []
    found = moved(made, logon(made), *evidence)
    assert {(fact.source.label, fact.target.host, fact.target.details["way"], fact.target.details["user"]) for fact in found} == {
        ("ws7", "srv2", way, "adm")
    }
    assert {fact.event.id for fact in found} >= {logon(made).id, evidence[-1].id}


def test_remote_desktop_is_told_by_the_logon_s_type(made: SimpleNamespace) -> None:
    (found,) = moved(made, logon(made, LogonType="10"))
    assert (found.target.details["way"], found.predicate, found.worth > 0.5) == ("rdp", "logon.from", True)


def test_the_process_that_connected_is_where_it_begins_and_both_sides_are_evidence(made: SimpleNamespace) -> None:
    call = made.windows("sysmon", 3, 9, "ws7", **CALL)
    found = moved(made, logon(made), call)
    assert {(fact.source.label, fact.target.details["way"]) for fact in found} == {("x.exe", "logon")}
    assert {fact.event.host for fact in found} == {"ws7", "srv2"}


def test_a_logon_without_an_address_is_placed_by_its_guid(made: SimpleNamespace) -> None:
    nowhere = logon(made, IpAddress="-")
    used = made.windows(
        "security", 4648, 9, "ws7", SubjectUserName="eva", TargetUserName="adm", TargetServerName="srv2", TargetLogonGuid=GUID.lower(),
        ProcessId="0x3ec", ProcessName="C:\\Users\\eva\\x.exe",
    )  # fmt: skip
    assert {(fact.source.label, fact.source.host) for fact in moved(made, nowhere, used)} == {("x.exe", "ws7")}
    ticket = made.windows("security", 4769, 9, "dc1", TargetUserName="adm", ServiceName="SRV2$", IpAddress=WS, LogonGuid=GUID)
    remote = session_start(made, SYSTEM + "wsmprovhost.exe", SYSTEM + "svchost.exe")
    assert {fact.source.label for fact in moved(made, nowhere, ticket, remote)} == {"ws7"}
    assert moved(made, nowhere, remote) == []


def test_a_plain_logon_over_the_network_and_a_service_at_another_time_are_no_move(made: SimpleNamespace) -> None:
    later = made.windows("system", 7045, 300, "srv2", ServiceName="upd", ImagePath="C:\\Windows\\x.exe")
    assert moved(made, logon(made), later) == []


def test_a_session_leads_to_its_service_and_the_service_to_its_process(made: SimpleNamespace) -> None:
    installed = made.windows("system", 7045, 12, "srv2", ServiceName="upd", ImagePath='"C:\\Windows\\upd.exe" -k')
    start = made.windows(
        "sysmon", 1, 13, "srv2", ProcessGuid="{B-9}", ProcessId="9", Image="C:\\Windows\\upd.exe", CommandLine="C:\\Windows\\upd.exe -k",
        ParentImage=SYSTEM + "services.exe", ParentProcessGuid="{B-1}", ParentProcessId="5",
    )  # fmt: skip
    every = [*known(made), logon(made), installed, start]
    cast = Cast(Processes(every), Addresses(every))
    edges = {(fact.source.kind, fact.kind, fact.target.label) for fact in onward(every, list(facts(every, cast)), cast)}
    assert {("logon", "installed", "upd"), ("service", "started", "upd.exe")} <= edges

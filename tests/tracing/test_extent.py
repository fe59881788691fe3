"""Every event of an attack is held, drawn or not: along processes, sessions and connections, and nothing besides."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.event import Event
from watchkeeper.model.query import Query
from watchkeeper.model.trace import Trace
from watchkeeper.tracing import trace

SERVER, BINARY = "10.1.0.20", r"C:\Windows\System32\whoami.exe"


def _traced(made: Any, signalled: list[Event], record: list[Event], *hosts: str) -> Trace:
    return trace(made.incident_of(*(hosts or ("ws7",))), made.signals_on(signalled), made.over(record))


def test_what_the_attacks_processes_did_is_held_and_an_ordinary_process_is_not(made: Any) -> None:
    attack, ordinary = made.intrusion(), made.everyday()
    held = set(_traced(made, made.alarming(attack), attack + ordinary, "ws7", "srv2").events)
    acts = {event.id for event in attack if made.DROPPED in (event.fields.get("Image"), event.fields.get("SourceImage"))}
    assert len(acts) > 15
    assert acts <= held
    assert held.isdisjoint(event.id for event in ordinary)


def test_children_of_children_belong_and_brothers_do_not(made: Any) -> None:
    cmd = r"C:\Windows\System32\cmd.exe"
    shell = made.started(0, "{D-11}", cmd, "{D-10}", r"C:\Windows\explorer.exe", "cmd.exe /c evil")
    child = made.started(5, "{D-12}", cmd, "{D-11}", cmd, "cmd.exe /c more")
    grandchild = made.started(9, "{D-13}", BINARY, "{D-12}", cmd, "whoami")
    written = made.windows("sysmon", 11, 10, ProcessGuid="{D-13}", ProcessId="1013", Image=BINARY, TargetFilename=r"C:\Temp\who.txt")
    brother = made.started(3, "{D-14}", r"C:\Windows\System32\notepad.exe", "{D-10}", r"C:\Windows\explorer.exe", "notepad.exe")
    held = _traced(made, [shell], [shell, child, grandchild, written, brother]).events
    assert held == (shell.id, child.id, grandchild.id, written.id)


def test_what_started_the_signalled_process_belongs_unless_everybody_is_started_by_it(made: Any) -> None:
    explorer, office, cmd = r"C:\Windows\explorer.exe", r"C:\Program Files\Office\WINWORD.EXE", r"C:\Windows\System32\cmd.exe"
    desktop = made.started(0, "{H-61}", explorer, "{H-60}", r"C:\Windows\System32\userinit.exe", "explorer.exe")
    document = made.started(5, "{H-62}", office, "{H-61}", explorer, "WINWORD.EXE offer.docm")
    shell = made.started(9, "{H-63}", cmd, "{H-62}", office, "cmd.exe /c evil")
    assert _traced(made, [shell], [desktop, document, shell]).events == (document.id, shell.id)


def test_an_injected_process_belongs_from_the_moment_of_the_injection(made: Any) -> None:
    notepad = {"ProcessGuid": "{I-72}", "ProcessId": "1072", "Image": r"C:\Windows\System32\notepad.exe"}
    implant = made.started(0, "{I-71}", made.DROPPED, "{I-70}", r"C:\Windows\explorer.exe", made.DROPPED)
    before = made.windows("sysmon", 11, 5, **notepad, TargetFilename=r"C:\Users\eva\notes.txt")
    thread = made.windows("sysmon", 8, 10, SourceProcessGuid="{I-71}", SourceProcessId="1071", SourceImage=made.DROPPED,
                          TargetProcessGuid="{I-72}", TargetProcessId="1072", TargetImage=notepad["Image"])  # fmt: skip
    after = made.windows("sysmon", 11, 15, **notepad, TargetFilename=r"C:\Users\eva\stage.zip")
    assert _traced(made, [implant], [implant, before, thread, after]).events == (implant.id, thread.id, after.id)


def _two_sessions(made: Any) -> dict[str, Event]:
    """An implant connects to a server and logs on there; somebody else is logged on to the server at the same time."""
    by = {"ProcessGuid": "{D-21}", "ProcessId": "1021", "Image": made.DROPPED, "Initiated": "true", "SourceIp": "10.1.0.7"}
    theirs, ours = {"LogonId": "0x777", "User": r"CORP\ann"}, {"LogonId": "0x999", "User": r"CORP\svc-backup"}
    logon = {"TargetUserName": "svc-backup", "TargetLogonId": "0x999", "LogonType": "3", "IpAddress": "10.1.0.7", "IpPort": "50123"}
    parent = r"C:\Windows\explorer.exe"
    return {
        "implant": made.started(0, "{D-21}", made.DROPPED, "{D-20}", parent, made.DROPPED),
        "connection": made.windows("sysmon", 3, 20, **by, SourcePort="50123", DestinationIp=SERVER, DestinationPort="445"),
        "logon": made.windows("security", 4624, 21, "srv2", **logon),
        "command": made.started(30, "{E-31}", BINARY, "{E-30}", parent, "whoami", host="srv2", **ours),
        "her logon": made.windows("security", 4624, 15, "srv2", **(logon | {
            "TargetUserName": "ann", "TargetLogonId": "0x777", "IpAddress": "10.1.0.9", "IpPort": "50999"})),
        "her command": made.started(31, "{E-33}", BINARY, "{E-32}", parent, "whoami", host="srv2", **theirs),
    }  # fmt: skip


def test_a_logon_made_through_an_attacks_connection_takes_in_what_is_done_in_that_session(made: Any) -> None:
    events = _two_sessions(made)
    held = set(_traced(made, [events["implant"]], list(events.values())).events)
    assert {name for name, event in events.items() if event.id in held} == {"implant", "connection", "logon", "command"}


def test_without_the_connection_the_other_host_stays_out(made: Any) -> None:
    events = _two_sessions(made)
    del events["connection"]
    held = set(_traced(made, [events["implant"]], list(events.values())).events)
    assert {name for name, event in events.items() if event.id in held} == {"implant"}


def test_what_the_network_saw_of_the_attacks_connections_is_held(made: Any) -> None:
    events = list(_two_sessions(made).values())
    seen = made.zeek("conn", 20, "C1", f"10.1.0.7 50123 {SERVER} 445")
    same = made.zeek("files", 20.5, "C1", rx_hosts=SERVER)
    other = made.zeek("conn", 22, "C2", f"10.1.0.9 50999 {SERVER} 445")
    held = _traced(made, events[:1], [*events, seen, same, other]).events
    assert {seen.id, same.id} <= set(held)
    assert other.id not in held


def test_who_asks_for_a_page_that_was_written_under_a_signal_is_the_attacker(made: Any) -> None:
    server = {"ProcessGuid": "{F-41}", "ProcessId": "1041", "Image": r"C:\Windows\System32\inetsrv\w3wp.exe"}
    page = made.windows("sysmon", 11, 10, "web1", **server, TargetFilename=r"C:\inetpub\wwwroot\up.aspx")
    shell = made.zeek("http", 60, "C1", "203.0.113.50 40001 10.1.0.30 80", uri="/up.aspx")
    scan = made.zeek("conn", 5, "C2", "203.0.113.50 40000 10.1.0.30 80")
    guest = made.zeek("http", 61, "C3", "203.0.113.60 40000 10.1.0.30 80", uri="/index.html")
    held = _traced(made, [page], [page, shell, scan, guest], "web1").events
    assert held == (scan.id, page.id, shell.id)


def test_the_work_does_not_grow_with_the_hosts(made: Any) -> None:
    hosts = [f"ws{number}" for number in range(300)]
    shells = [made.windows("sysmon", 11, number, host, ProcessGuid="{G-51}", ProcessId="1051", Image=made.DROPPED,
                           TargetFilename=made.DOCUMENT) for number, host in enumerate(hosts)]  # fmt: skip
    asked: list[Query] = []
    search = made.over(shells)

    def counted(query: Query) -> Iterator[Event]:
        asked.append(query)
        return search(query)

    found = trace(made.incident_of(*hosts), made.signals_on(shells), counted)
    assert {event.id for event in shells} == set(found.events)
    assert len(asked) < 60
    assert all(query.limit <= 60_000 for query in asked)


@given(draws=st.data())
def test_what_was_signalled_is_held_and_nothing_is_invented(made: Any, draws: st.DataObject) -> None:
    record = made.intrusion() + made.everyday()
    chosen = draws.draw(st.lists(st.sampled_from(record), min_size=1, max_size=20, unique_by=lambda event: event.id))
    found = _traced(made, chosen, record, "ws7", "srv2").events
    assert {event.id for event in chosen} <= set(found) <= {event.id for event in record}
    assert len(found) == len(set(found))


def test_events_stand_in_time_order(made: Any) -> None:
    attack = made.intrusion()
    times = {event.id: event.time for event in attack}
    found = [times[id_] for id_ in _traced(made, made.alarming(attack), attack, "ws7", "srv2").events]
    assert found == sorted(found)


@pytest.mark.parametrize("hosts", [("ws7",), ()])
def test_a_signal_without_a_time_is_held_alone(made: Any, hosts: tuple[str, ...]) -> None:
    timeless = made.alarming(made.intrusion())[0].model_copy(update={"time": None})
    assert _traced(made, [timeless], [timeless, *made.everyday()], *hosts).events == (timeless.id,)


def test_files_put_where_the_attack_packs_them_belong_whoever_wrote_them(made: Any) -> None:
    explorer, packer = r"C:\Windows\explorer.exe", r"C:\Program Files\7-Zip\7z.exe"
    desktop = {"ProcessGuid": "{S-80}", "ProcessId": "1080", "Image": explorer}
    copied = made.windows("sysmon", 11, 0, **desktop, TargetFilename=r"C:\Users\eva\Documents\lot\plan.docx")
    beside = made.windows("sysmon", 11, 1, **desktop, TargetFilename=r"C:\Users\eva\Documents\lotus\plan.docx")
    command = r'7z.exe a -psecret "C:\Users\eva\Documents\lot.7z" "C:\Users\eva\Documents\lot\*"'
    packed = made.started(9, "{S-81}", packer, "{S-80}", explorer, command)
    assert _traced(made, [packed], [copied, beside, packed]).events == (copied.id, packed.id)

"""The picture: files with one ending fold into one, and the outside ends of foreign programs find room."""

from typing import Any

from watchkeeper.tracing import trace

IMPLANT = r"C:\Users\eva\AppData\Local\Temp\upd.exe"


def _started(made: Any) -> Any:
    return made.started(0, "{F-1}", IMPLANT, "{F-0}", r"C:\Windows\explorer.exe", "upd.exe")


def _by(**fields: str) -> dict[str, str]:
    return {"ProcessGuid": "{F-1}", "ProcessId": "1001", "Image": IMPLANT} | fields


def test_files_of_one_ending_in_many_folders_are_one_node_whose_edge_cites_all(made: Any) -> None:
    written = [
        made.windows("sysmon", 11, 10 + turn, **_by(TargetFilename=rf"C:\Users\eva\Documents\f{turn}\plan.xlsx.lockd")) for turn in range(9)
    ]
    attack = [_started(made), *written]
    found = trace(made.incident_of("ws7"), made.signals_on(attack[:1]), made.over(attack))
    folded = [node for node in found.nodes if node.kind == "folded"]
    assert [(node.label, node.count) for node in folded] == [("*.lockd", 9)]
    cited = next(edge.evidence for edge in found.edges if edge.target == folded[0].id)
    assert set(cited) == {event.id for event in written}


def test_where_a_foreign_program_talks_to_is_drawn_though_much_else_is_nearer(made: Any) -> None:
    started = _started(made)
    busy = [
        made.started(20 + turn, f"{{G-{turn}}}", rf"C:\Windows\System32\tool{turn}.exe", "{F-1}", IMPLANT, f"tool{turn}")
        for turn in range(60)
    ]
    home = made.windows("sysmon", 3, 5, **_by(Initiated="true", SourceIp="10.1.0.7", DestinationIp="198.51.100.4", DestinationPort="443"))
    found = trace(made.incident_of("ws7"), made.signals_on([started, *busy]), made.over([started, home, *busy]))
    assert len(found.nodes) <= 50
    assert "198.51.100.4" in {node.label for node in found.nodes}


def test_an_incident_of_a_host_alone_has_an_entry_too(made: Any) -> None:
    logon = made.windows("security", 4624, 5, "srv2", TargetUserName="eva", TargetLogonId="0x91", LogonType="3", IpAddress="10.1.0.7")
    share = made.windows("security", 5140, 6, "srv2", SubjectUserName="eva", ShareName=r"\\*\ADMIN$", IpAddress="10.1.0.7")
    found = trace(made.incident_of("srv2"), made.signals_on([share]), made.over([logon, share]))
    assert found.entry in {node.id for node in found.nodes}

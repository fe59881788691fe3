"""Where a trail begins: the earliest that most of the alerts follow from, and what is only probable said so."""

from typing import Any

from watchkeeper.model.trace import Trace
from watchkeeper.tracing import trace


def _entry(found: Trace) -> tuple[str, str]:
    return next((node.kind, node.label) for node in found.nodes if node.id == found.entry)


def test_a_host_that_only_logged_on_is_tied_to_what_ran_there_by_an_unknown(made: Any) -> None:
    first = made.started(0, "{B-1}", r"C:\Users\eva\one.exe", "{B-0}", r"C:\Windows\explorer.exe", "one.exe")
    attack = [
        first,
        made.windows("sysmon", 3, 1, Image=r"C:\Users\eva\other.exe", ProcessGuid="{B-9}", ProcessId="77", Initiated="true",
                     SourceIp="192.0.2.7", DestinationIp="192.0.2.99", DestinationPort="443"),
        made.windows("security", 4624, 60, host="srv2", TargetUserName="eva", TargetLogonId="0x77", LogonType="3", IpAddress="192.0.2.7"),
        made.started(61, "{C-1}", r"C:\Users\eva\two.exe", "{C-0}", r"C:\Windows\System32\svchost.exe", "two.exe", host="srv2",
                     LogonId="0x77"),
    ]  # fmt: skip
    signals = made.signals_on([first, attack[3]])
    found = trace(made.incident_of("ws7", "srv2"), signals, made.over(attack))
    unknown = [node for node in found.nodes if node.details.get("missing") == "link"]
    assert [node.label for node in unknown] == ["?"]
    assert {edge.kind for edge in found.edges if unknown[0].id in {edge.source, edge.target}} == {"led-to"}
    assert [note.arguments["before"] for note in found.unknowns if note.code == "trace.gap"] == ["one.exe"]


def test_of_several_beginnings_on_a_host_the_earliest_is_the_entry(made: Any) -> None:
    attack = [
        made.started(second, f"{{D-{second}}}", rf"C:\Windows\System32\{name}.exe", "{D-0}", r"C:\Windows\explorer.exe", name)
        for second, name in ((10, "whoami"), (400, "net"), (900, "reg"))
    ]
    found = trace(made.incident_of("ws7"), made.signals_on(attack), made.over(attack + made.everyday()))
    assert _entry(found) == ("process", "whoami.exe")
    assert found.entry_note.code == "trace.entry-inside"


def test_what_came_after_an_effect_is_no_cause_of_it(made: Any) -> None:
    early = made.started(0, "{E-1}", r"C:\Temp\a.exe", "{E-0}", r"C:\Windows\explorer.exe", "a.exe")
    late = made.windows("sysmon", 11, 900, Image=r"C:\Temp\writer.exe", ProcessGuid="{E-9}", ProcessId="9", TargetFilename=r"C:\Temp\a.exe")
    found = trace(made.incident_of("ws7"), made.signals_on([early]), made.over([early, late]))
    assert _entry(found)[1] == "a.exe"

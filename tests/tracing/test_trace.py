import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.evidence import refusal
from watchkeeper.ingest import read
from watchkeeper.model.batch import Batch
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.trace import Trace
from watchkeeper.tracing import trace


def _labels(found: Trace, kind: str) -> set[str]:
    return {node.label for node in found.nodes if node.kind == kind}


def _traced(made: Any) -> Trace:
    attack = made.intrusion()
    return trace(made.incident_of("ws7", "srv2"), made.signals_on(made.alarming(attack)), made.over(attack + made.everyday()))


def test_the_trail_leads_from_the_web_through_document_shell_and_program_to_lsass(made: Any) -> None:
    found = _traced(made)
    assert {"WINWORD.EXE", "powershell.exe", "upd.exe", "lsass.exe"} <= _labels(found, "process")
    assert {"offer.docm", "upd.exe"} <= _labels(found, "file")
    entry = next(node for node in found.nodes if node.id == found.entry)
    assert (entry.kind, entry.label) == ("address", "203.0.113.9")
    assert found.entry_note.code == "trace.entry-outside"


def test_the_attackers_are_the_addresses_the_attack_came_from_and_talked_to_and_no_other(made: Any) -> None:
    values = [entity.value for entity in _traced(made).attackers]
    assert set(values[:2]) == {"198.51.100.4", "203.0.113.9"}
    assert not any(value.startswith("192.0.2.") for value in values)


def test_the_logon_on_the_other_host_is_tied_to_where_it_came_from(made: Any) -> None:
    found = _traced(made)
    by_id = {node.id: node for node in found.nodes}
    hops = [(by_id[edge.source].label, by_id[edge.target].host) for edge in found.edges if edge.kind == "went-on"]
    assert hops == [("upd.exe", "srv2")]


def test_many_files_alike_are_one_node_with_a_count_and_one_sentence(made: Any) -> None:
    found = _traced(made)
    assert [node.count for node in found.nodes if node.kind == "folded" and "stage" in node.label] == [12]
    sentence = next(claim for claim in found.story if claim.predicate == "files.written")
    assert sentence.arguments["count"] == "12"
    assert len(sentence.evidence) == 12


def test_what_goes_on_besides_stays_out(made: Any) -> None:
    assert "taskhostw.exe" not in {node.label for node in _traced(made).nodes}


def test_every_sentence_is_shown_by_its_events_and_stands_in_time_order(made: Any) -> None:
    found = _traced(made)
    events = {event.id: event for event in made.intrusion() + made.everyday()}
    assert len(found.story) >= 8
    assert found.dropped_claims == 0
    assert [refusal(claim, events) for claim in found.story] == [None] * len(found.story)
    times = [claim.time for claim in found.story if claim.time]
    assert times == sorted(times)


def test_the_techniques_stand_best_supported_first(made: Any) -> None:
    attack = made.intrusion()
    shell, lsass, *_ = made.alarming(attack)
    signals = pa.concat_tables([made.signals_on([lsass], "critical", "T1003.001"), made.signals_on([shell], "low", "T1059.001")])
    assert trace(made.incident_of("ws7"), signals, made.over(attack)).techniques == ("T1003.001", "T1059.001")


def test_a_parent_whose_start_is_not_logged_is_an_unknown_node_that_says_so(made: Any) -> None:
    orphan = made.windows("sysmon", 3, 5, ProcessGuid="{Z-1}", ProcessId="77", Image=r"C:\Temp\x.exe", Initiated="true",
                     SourceIp="10.1.0.7", DestinationIp="198.51.100.4", DestinationPort="8080")  # fmt: skip
    found = trace(made.incident_of("ws7"), made.signals_on([orphan]), made.over([orphan]))
    assert [node.details["of"] for node in found.nodes if node.kind == "unknown"] == ["x.exe"]
    assert {"trace.unborn", "trace.no-starts"} <= {note.code for note in found.unknowns}
    assert found.entry_note.code in {"trace.entry-before", "trace.entry-outside"}


def test_a_process_id_used_again_is_another_process(made: Any) -> None:
    first = made.started(0, "{C-11}", r"C:\Temp\a.exe", "{A-1}", r"C:\Windows\explorer.exe", "a.exe", ProcessId="500")
    second = made.started(100, "{C-12}", r"C:\Temp\a.exe", "{A-1}", r"C:\Windows\explorer.exe", "a.exe again", ProcessId="500")
    seen = made.windows("security", 5156, 120, ProcessID="500", Application=r"\device\harddiskvolume2\temp\a.exe", Direction="%%14593",
                   SourceAddress="10.1.0.7", DestAddress="198.51.100.4", DestPort="443")  # fmt: skip
    found = trace(made.incident_of("ws7"), made.signals_on([second]), made.over([first, second, seen]))
    by_id = {node.id: node for node in found.nodes}
    talked = [by_id[edge.source].details["command"] for edge in found.edges if edge.kind == "connected"]
    assert talked == ["a.exe again"]


def _alert(place: int, *entities: str) -> Event:
    fields: dict[str, str | tuple[str, ...]] = {
        "signal.title": "Sign-in from afar",
        "signal.detector": "defender",
        "signal.entities": entities,
    }
    source = LogSource(product="defender", service="alerts")
    return Event(id=f"a{place}", time=None, host="", source="alerts.json", row=place, logsource=source, fields=fields)


def test_alerts_without_telemetry_still_say_who_and_from_where(made: Any) -> None:
    alert = _alert(1, "user:eva", "address:203.0.113.9")
    found = trace(made.incident_of(), made.signals_on([alert]), made.over([alert]))
    assert _labels(found, "user") == {"eva"}
    assert [entity.value for entity in found.attackers] == ["203.0.113.9"]
    assert [claim.predicate for claim in found.story] == ["alert.raised"]
    assert found.entry_note.code == "trace.entry-undated"


def test_nothing_to_trace_is_said(made: Any) -> None:
    found = trace(made.incident_of("ws7"), made.signals_on([]), made.over(made.everyday()))
    assert (found.nodes, found.story, found.entry) == ((), (), None)
    assert found.entry_note.code == "trace.nothing"


@given(draws=st.data())
def test_whatever_was_signalled_the_picture_is_bounded_and_hangs_together(made: Any, draws: st.DataObject) -> None:
    record = made.intrusion() + made.everyday()
    chosen = draws.draw(st.lists(st.sampled_from(record), min_size=1, max_size=40, unique_by=lambda event: event.id))
    found = trace(made.incident_of("ws7", "srv2"), made.signals_on(chosen), made.over(record))
    ids = {node.id for node in found.nodes}
    assert len(ids) == len(found.nodes) <= 50
    assert all({edge.source, edge.target} <= ids and edge.evidence for edge in found.edges)
    assert len(found.story) <= 40


CONSOLE = {
    "LSASS_campaign_01": ("mkt01", "10.0.5.13", {"winx64_payload.exe", "svchost.exe"}),
    "LSASS_campaign_02": ("acct01", "10.0.5.13", {"procdump.exe", "procdump64.exe", "winx64_payload.exe"}),
    "LSASS_campaign_03": ("prd01", "10.0.5.13", {"rundll32.exe", "winx64_payload.exe", "svchost.exe"}),
    "LSASS_campaign_04": ("it01", "10.0.5.13", {"winx64_payload.exe"}),
}
"""What each campaign's record of the attacker's console names: host, attacker's address, processes that carried the attack."""


def _events(folder: Path) -> Iterator[Event]:
    for item in read([folder]):
        if isinstance(item, Batch):
            meta = item.table.select(["_id", "_time", "_host", "_source", "_row"]).to_pylist()
            for known, fields in zip(meta, item.rows(), strict=True):
                native = {name: value if isinstance(value, str) else tuple(value) for name, value in fields.items()}
                yield Event(id=known["_id"], time=known["_time"], host=known["_host"], source=known["_source"], row=known["_row"],
                            logsource=item.logsource, fields=native)  # fmt: skip


def _reads_lsass(event: Event) -> bool:
    whole = {"0x1410", "0x1fffff", "0x1f3fff"}
    lsass = str(event.fields.get("TargetImage", "")).endswith("lsass.exe")
    return event.logsource.event_type == "10" and lsass and event.fields.get("GrantedAccess") in whole


@pytest.mark.slow
@pytest.mark.parametrize("campaign", CONSOLE)
def test_the_campaigns_against_lsass_are_traced_to_the_console_that_ran_them(campaign: str, data: Path, made: Any) -> None:
    host, attacker, processes = CONSOLE[campaign]
    record = list(_events(data / "otrf" / "compound" / campaign))
    opened = [event for event in record if _reads_lsass(event)]
    search = made.over(record)
    began = time.perf_counter()
    found = trace(made.incident_of(host), made.signals_on(opened, technique="T1003.001"), search)
    assert time.perf_counter() - began < 30
    assert processes <= _labels(found, "process")
    assert attacker in _labels(found, "address")
    assert attacker in {entity.value for entity in found.attackers}
    assert len(found.nodes) <= 50
    assert {refusal(claim, {event.id: event for event in record}) for claim in found.story} == {None}

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.evidence import refusal
from watchkeeper.model.claim import Claim
from watchkeeper.model.event import Event
from watchkeeper.model.evidence import Evidence
from watchkeeper.model.logsource import LogSource

NINE = datetime(2024, 3, 5, 9, tzinfo=UTC)
NAMES = st.from_regex(r"[a-z]{3,8}\.exe", fullmatch=True)
FOLDERS = st.sampled_from(["C:\\Windows\\System32\\", "C:\\Users\\eva\\Downloads\\", "D:\\Tools\\"])
PATHS = st.builds(lambda folder, name: folder + name, FOLDERS, NAMES)


def event(name: str, number: str, second: int = 0, channel: str = "Microsoft-Windows-Sysmon/Operational", **fields: str) -> Event:
    source = LogSource(product="windows", service=channel, event_type=number)
    return Event(
        id=name, time=NINE + timedelta(seconds=second), host="ws7", source="a.json", row=second, logsource=source, fields=dict(fields)
    )


def claim(predicate: str, *cited: Event, **arguments: str) -> Claim:
    evidence = tuple(Evidence(event_id=one.id, time=one.time) for one in cited)
    return Claim(predicate=predicate, arguments=arguments, evidence=evidence, time=cited[0].time if cited else None, host="ws7")


def code(found: Claim, *events: Event) -> str:
    note = refusal(found, {one.id: one for one in events})
    return note.code if note else ""


def start(name: str, image: str, parent: str, second: int = 0) -> Event:
    return event(name, "1", second, Image=image, ParentImage=parent, ProcessId="42", CommandLine=f"{image} /quiet")


def said_of(one: Event, **changed: str) -> Claim:
    fields = {"image": one.fields["Image"], "parent": one.fields["ParentImage"], "pid": "42", "command": one.fields["CommandLine"]}
    return claim("process.started", one, **({role: str(value) for role, value in fields.items()} | changed))


@given(PATHS, PATHS)
def test_swapping_who_acted_and_what_was_acted_on_is_refused(image: str, parent: str) -> None:
    one = start("e", image, parent)
    swapped = code(said_of(one, image=parent, parent=image), one)
    assert swapped == ("" if image == parent else "refusal.argument")


@given(PATHS, PATHS, st.integers(-10_000_000, 10_000_000).filter(bool))
def test_an_altered_time_is_refused(image: str, parent: str, microseconds: int) -> None:
    one = start("e", image, parent)
    told = said_of(one)
    moved = told.model_copy(update={"time": NINE + timedelta(microseconds=microseconds)})
    assert code(moved, one) == "refusal.time"
    cited = told.evidence[0].model_copy(update={"time": NINE + timedelta(microseconds=microseconds)})
    assert code(told.model_copy(update={"evidence": (cited,)}), one) == "refusal.time"


@given(PATHS, PATHS, PATHS)
def test_citing_a_neighbour_is_refused(image: str, parent: str, other: str) -> None:
    one, neighbour = start("e", image, parent), start("n", other, parent)
    borrowed = said_of(one).model_copy(update={"evidence": (Evidence(event_id="n", time=neighbour.time),)})
    assert code(borrowed, one, neighbour) == ("" if image == other else "refusal.argument")


def test_a_neighbour_of_another_kind_or_host_or_none_is_refused() -> None:
    one = start("e", "C:\\a.exe", "C:\\b.exe")
    written = event("w", "11", Image="C:\\a.exe", TargetFilename="C:\\x")
    assert code(said_of(one).model_copy(update={"evidence": (Evidence(event_id="w", time=written.time),)}), one, written) == "refusal.kind"
    assert code(said_of(one)) == "refusal.unresolved"
    assert code(said_of(one).model_copy(update={"host": "ws8"}), one) == "refusal.host"
    assert code(said_of(one, host="ws8"), one) == "refusal.host"
    assert code(said_of(one).model_copy(update={"evidence": ()}), one) == "refusal.nothing-cited"
    assert code(said_of(one).model_copy(update={"predicate": "process.sang"}), one) == "refusal.predicate"


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=8), st.integers(0, 9))
def test_counts_are_counted_again_by_distinct_things(names: list[str], said: int) -> None:
    folder = "C:\\Users\\eva\\stage\\"
    events = [event(f"e{place}", "11", place, Image="C:\\a.exe", TargetFilename=folder + name) for place, name in enumerate(names)]
    told = claim("files.written", *events, image="C:\\a.exe", folder=folder, count=str(said))
    assert code(told, *events) == ("" if said == len(set(names)) else "refusal.count")


def test_repetition_counts_events_and_each_must_show_it() -> None:
    calls = [
        event(f"c{place}", "3", place, Image="C:\\a.exe", DestinationIp="198.51.100.4", DestinationPort="443", Initiated="true")
        for place in range(3)
    ]
    told = {"image": "C:\\a.exe", "address": "198.51.100.4", "port": "443"}
    assert code(claim("network.connected.many", *calls, **told, count="3"), *calls) == ""
    assert code(claim("network.connected.many", *calls, **told, count="4"), *calls) == "refusal.count"
    assert code(claim("network.connected.many", *calls, **told), *calls) == "refusal.roles"
    assert code(claim("network.connected.many", *calls, calls[0], **told, count="4"), *calls) == "refusal.count"
    elsewhere = event("c3", "3", 3, Image="C:\\a.exe", DestinationIp="198.51.100.5", DestinationPort="443")
    assert code(claim("network.connected.many", *calls, elsewhere, **told, count="4"), *calls, elsewhere) == "refusal.argument"


@pytest.mark.parametrize(
    ("folder", "stands"), [("C:\\Users\\eva\\", True), ("C:\\Users\\eva", True), ("C:\\Users\\ev", False), ("", False)]
)
def test_a_folder_is_a_whole_folder(folder: str, stands: bool) -> None:
    one = event("e", "11", Image="C:\\a.exe", TargetFilename="C:\\Users\\eva\\x.zip")
    assert (code(claim("files.written", one, image="C:\\a.exe", folder=folder, count="1"), one) == "") is stands


def test_a_long_command_may_be_cited_cut_where_the_story_cuts_it_and_nowhere_else() -> None:
    one = event("e", "1", Image="C:\\a.exe", ProcessId="42", CommandLine="a.exe " + "x" * 500)
    arguments: dict[str, Any] = {"image": "C:\\a.exe", "pid": "42"}
    assert code(claim("process.ran", one, **arguments, command="a.exe " + "x" * 393 + "…"), one) == ""
    assert code(claim("process.ran", one, **arguments, command="a.exe " + "x" * 393), one) == "refusal.argument"
    assert code(claim("process.ran", one, **arguments, command="a.exe " + "x" * 100 + "…"), one) == "refusal.argument"


def test_a_bare_name_stands_for_the_systems_own_program_only() -> None:
    own = event("e", "1", Image="C:\\Windows\\System32\\cmd.exe", ProcessId="42")
    other = event("e", "1", Image="C:\\Users\\eva\\cmd.exe", ProcessId="42")
    assert code(claim("process.ran.plain", own, image="cmd.exe", pid="42"), own) == ""
    assert code(claim("process.ran.plain", other, image="cmd.exe", pid="42"), other) == "refusal.argument"


def test_one_meaning_in_two_bases_is_two_texts() -> None:
    fields = {"SourceImage": "C:\\a.exe", "TargetImage": "C:\\b.exe", "GrantedAccess": "0x1410"}
    one = event("e", "10", **fields)
    said = {"image": "C:\\a.exe", "target": "C:\\b.exe"}
    assert code(claim("process.opened", one, **said, access="0x1410"), one) == ""
    assert code(claim("process.opened", one, **said, access="5136"), one) == "refusal.argument"


def test_who_connected_cannot_be_told_as_who_accepted() -> None:
    ends = {"Image": "C:\\a.exe", "SourceIp": "198.51.100.4", "DestinationIp": "10.1.0.7", "DestinationPort": "445"}
    out, into = event("o", "3", **ends, Initiated="true"), event("i", "3", **ends, Initiated="false")
    connected, accepted = {"image": "C:\\a.exe", "address": "10.1.0.7", "port": "445"}, {"address": "198.51.100.4"}
    assert code(claim("network.connected", out, **connected), out) == ""
    assert code(claim("network.connected", into, **connected), into) == "refusal.opposite"
    assert code(claim("network.accepted", into, **(connected | accepted)), into) == ""
    assert code(claim("network.accepted", out, **(connected | accepted)), out) == "refusal.opposite"


def test_what_was_refused_to_someone_was_not_done_and_a_logon_that_worked_did_not_fail() -> None:
    used = {"SubjectUserName": "eva", "ObjectName": "C:\\secret.txt"}
    done, denied = (
        event("u", "4656", channel="Security", Keywords=keywords, **used) for keywords in ("0x8020000000000000", "0x8010000000000000")
    )
    assert code(claim("object.used", done, user="eva", object="C:\\secret.txt"), done) == ""
    assert code(claim("object.used", denied, user="eva", object="C:\\secret.txt"), denied) == "refusal.opposite"
    worked = event("w", "4776", channel="Security", TargetUserName="eva", Workstation="WS7", Status="0x0")
    assert code(claim("logon.failed.from", worked, user="eva", address="WS7"), worked) == "refusal.opposite"


def test_files_by_their_ending_are_counted_with_their_folders() -> None:
    paths = [f"C:\\Users\\eva\\{place % 3}\\doc{place}.kalofa" for place in range(7)]
    events = [event(f"e{place}", "11", place, Image="C:\\a.exe", TargetFilename=path) for place, path in enumerate(paths)]
    told = {"image": "C:\\a.exe", "ending": ".kalofa"}
    assert code(claim("files.written.ending", *events, **told, count="7", folders="3"), *events) == ""
    assert code(claim("files.written.ending", *events, **told, count="7+", folders="3"), *events) == ""
    assert code(claim("files.written.ending", *events, **told, count="7", folders="4"), *events) == "refusal.count"
    assert code(claim("files.written.ending", *events, **told, count="7"), *events) == "refusal.roles"
    assert code(claim("files.written.ending", *events, **told | {"ending": ".doc"}, count="7", folders="3"), *events) == "refusal.argument"


def test_every_cited_event_is_of_the_host_and_the_earliest_gives_the_time() -> None:
    calls = [event(f"c{place}", "3", place, Image="C:\\a.exe", DestinationIp="198.51.100.4", DestinationPort="443") for place in range(2)]
    told = {"image": "C:\\a.exe", "address": "198.51.100.4", "port": "443", "count": "2"}
    abroad = calls[1].model_copy(update={"host": "ws8"})
    assert code(claim("network.connected.many", calls[0], abroad, **told), calls[0], abroad) == "refusal.host"
    late = claim("network.connected.many", calls[1], calls[0], **told)
    assert code(late, *calls) == "refusal.time"
    assert code(late.model_copy(update={"time": calls[0].time}), *calls) == ""


def test_a_sentence_without_one_of_its_roles_is_refused() -> None:
    one = start("e", "C:\\a.exe", "C:\\b.exe")
    assert code(claim("process.started", one, image="C:\\a.exe", parent="C:\\b.exe"), one) == "refusal.roles"


def test_attacker_and_victim_of_a_logon_cannot_be_exchanged() -> None:
    one = event("l", "4648", channel="Security", SubjectUserName="eva", TargetUserName="admin", TargetServerName="srv2")
    assert code(claim("logon.as", one, user="eva", account="admin", server="srv2"), one) == ""
    assert code(claim("logon.as", one, user="admin", account="eva", server="srv2"), one) == "refusal.argument"

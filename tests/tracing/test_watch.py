from typing import Any

from watchkeeper.model.impact import Watchlist
from watchkeeper.tracing import trace, watch


def _watched(made: Any, *elsewhere: Any) -> Watchlist:
    attack = made.intrusion()
    search = made.over(attack + made.everyday() + list(elsewhere))
    incident = made.incident_of("ws7", "srv2")
    traced = incident.model_copy(update={"trace": trace(incident, made.signals_on(made.alarming(attack)), search)})
    return watch(traced, search)


def _call(made: Any, host: str, second: float) -> Any:
    return made.windows(
        "sysmon",
        3,
        second,
        host,
        ProcessGuid="{Q-1}",
        ProcessId="9",
        Image=r"C:\x.exe",
        DestinationIp="198.51.100.4",
        DestinationPort="443",
    )


def test_an_address_of_the_attack_is_found_on_another_host_before_the_incident(made: Any) -> None:
    earlier = _call(made, "ws3", -90_000)
    item = next(item for item in _watched(made, earlier).items if item.entity.value == "198.51.100.4")
    assert (item.sightings, item.hosts, item.first_seen) == (1, ("ws3",), earlier.time)
    assert item.why.code == "watch.attacker"


def test_sightings_within_the_incident_do_not_count(made: Any) -> None:
    assert all(item.sightings == 0 for item in _watched(made).items)


def test_programs_of_the_attack_are_watched_and_those_of_the_system_are_not(made: Any) -> None:
    names = {item.entity.value for item in _watched(made).items if item.entity.kind == "file"}
    assert "upd.exe" in names
    assert not names & {"powershell.exe", "lsass.exe", "winword.exe"}


def test_what_half_the_organisation_talks_to_is_left_off_and_said(made: Any) -> None:
    watched = _watched(made, *(_call(made, f"pc{number}", -90_000) for number in range(20)))
    assert "198.51.100.4" not in {item.entity.value for item in watched.items}
    assert [(note.code, note.arguments["hosts"]) for note in watched.why] == [("watch.shared", "20")]


def test_without_a_trace_there_is_nothing_to_watch(made: Any) -> None:
    assert watch(made.incident_of("ws7"), made.over([])).items == ()

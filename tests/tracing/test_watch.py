"""What follows the attacker: what is specific enough, what is left off and why, and how it is tied to the attack."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.event import Event
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Edge, Node, Trace
from watchkeeper.model.watch import WatchItem, Watchlist
from watchkeeper.tracing import Lookout, Naming, trace, watch
from watchkeeper.tracing.watch import MOST_ITEMS

DAY = 86_400
HASH = "a" * 64


def _named(events: Sequence[Event]) -> Callable[[Sequence[Entity]], Iterator[Naming]]:
    """Say which hosts of these events name things, each event by itself."""

    def named(entities: Sequence[Entity]) -> Iterator[Naming]:
        for event in events:
            texts = " ".join(value if isinstance(value, str) else " ".join(value) for value in event.fields.values()).lower()
            yield from (Naming(one, event.host, 1, event.time, event.time) for one in entities if one.value in texts)

    return named


def _harmless(*values: str) -> Callable[[Entity], Note | None]:
    return lambda entity: Note(code="watch.own", arguments={"value": entity.value}) if entity.value in values else None


def _watched(made: Any, *elsewhere: Any, own: tuple[str, ...] = (), followed: frozenset[Entity] = frozenset()) -> Watchlist:
    attack = made.intrusion()
    events = attack + made.everyday() + list(elsewhere)
    search = made.over(events)
    incident = made.incident_of("ws7", "srv2")
    traced = incident.model_copy(update={"trace": trace(incident, made.signals_on(made.alarming(attack)), search)})
    return watch(traced, Lookout(search, _named(events), _harmless(*own), followed, None))


def _of_trace(made: Any, traced: Trace, *events: Event, begins_days_before: int | None = None) -> Watchlist:
    incident = made.incident_of("ws7").model_copy(update={"trace": traced})
    begins = None if begins_days_before is None else incident.start - timedelta(days=begins_days_before)
    return watch(incident, Lookout(made.over(list(events)), _named(events), lambda _: None, frozenset(), begins))


def _trace(*nodes: Node, edges: tuple[Edge, ...] = (), attackers: tuple[Entity, ...] = (), events: tuple[str, ...] = ()) -> Trace:
    return Trace(
        nodes=nodes, edges=edges, entry=None, entry_note=Note(code="entry.none"), story=(), dropped_claims=0, attackers=attackers,
        techniques=(), unknowns=(), events_read=0, events=events,
    )  # fmt: skip


def _node(kind: str, label: str, *, alerted: bool = False, **details: str) -> Node:
    return Node.model_validate(
        {
            "id": f"{kind}-{label}",
            "kind": kind,
            "label": label,
            "host": "ws7",
            "time": None,
            "details": details,
            "alerted": alerted,
            "tactic": "",
        }
    )


def _edge(kind: str, source: Node, target: Node) -> Edge:
    return Edge(source=source.id, target=target.id, kind=kind, time=None, evidence=("e1",))


def _by_value(watched: Watchlist) -> dict[str, WatchItem]:
    return {item.entity.value: item for item in watched.items}


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
    item = _by_value(_watched(made, earlier))["198.51.100.4"]
    assert (item.sightings, item.hosts, item.first_seen) == (1, ("ws3",), earlier.time)
    assert (item.why.code, item.level, item.hops) == ("watch.attacker", "high", 0)
    assert item.evidence


def test_sightings_within_the_incident_do_not_count(made: Any) -> None:
    assert all(item.sightings == 0 for item in _watched(made).items)


def test_programs_of_the_attack_are_watched_and_those_of_the_system_are_not(made: Any) -> None:
    names = {item.entity.value for item in _watched(made).items if item.entity.kind == "file"}
    assert r"c:\users\eva\appdata\local\temp\upd.exe" in names, "a name of three letters is anybody's, its whole path is not"
    assert not any(name.endswith(("powershell.exe", "lsass.exe", "winword.exe")) for name in names)


def test_what_half_the_organisation_talks_to_is_left_off_and_said(made: Any) -> None:
    many = [_call(made, f"pc{number}", -90_000) for number in range(20)]
    watched = _watched(made, *many)
    assert "198.51.100.4" not in _by_value(watched)
    assert ("watch.shared", "20") in [(note.code, note.arguments.get("hosts")) for note in watched.why]


def test_what_is_followed_already_may_be_on_many_hosts(made: Any) -> None:
    many = [_call(made, f"pc{number}", -90_000) for number in range(20)]
    watched = _watched(made, *many, followed=frozenset({Entity(kind="address", value="198.51.100.4")}))
    assert len(_by_value(watched)["198.51.100.4"].hosts) == 20


def test_what_is_the_organisations_own_is_left_off_and_said(made: Any) -> None:
    watched = _watched(made, own=("198.51.100.4",))
    assert "198.51.100.4" not in _by_value(watched)
    assert Note(code="watch.own", arguments={"value": "198.51.100.4"}) in watched.why


def test_without_a_trace_there_is_nothing_to_watch(made: Any) -> None:
    ask = Lookout(made.over([]), _named([]), lambda _: None, frozenset(), None)
    assert watch(made.incident_of("ws7"), ask).items == ()


def test_an_account_is_watched_if_the_attack_made_it_or_it_came_up_with_the_attack(made: Any) -> None:
    actor, made_one, used = _node("user", "CORP\\eva"), _node("user", "CORP\\svc-new"), _node("user", "CORP\\ann", alerted=True)
    traced = _trace(actor, made_one, used, edges=(_edge("created", actor, made_one),))
    logon = made.windows("security", 4624, -2 * DAY, "ws3", TargetUserName="ann")
    unknown = _of_trace(made, traced)
    assert (set(_by_value(unknown)), [note.code for note in unknown.why]) == ({"svc-new"}, ["watch.lives"]), "nothing is known of its past"
    assert set(_by_value(_of_trace(made, traced, begins_days_before=3))) == {"svc-new", "ann"}
    assert set(_by_value(_of_trace(made, traced, logon, begins_days_before=3))) == {"svc-new"}


def test_services_and_tasks_that_the_attack_made_are_watched_by_name(made: Any) -> None:
    host, service, task = _node("host", "ws7"), _node("service", "UpdSvc"), _node("task", "\\Sync")
    own = _node("task", "\\Microsoft\\Windows\\Defrag")
    traced = _trace(
        host,
        service,
        task,
        own,
        edges=tuple(_edge(kind, host, node) for kind, node in (("installed", service), ("created", task), ("created", own))),
    )
    assert [(item.entity.kind, item.entity.value) for item in _of_trace(made, traced).items] == [("service", "updsvc"), ("task", "\\sync")]


@pytest.mark.parametrize("image", [r"C:\Windows\System32\cmd.exe", r"C:\Program Files\7-Zip\7z.exe"])
def test_the_hash_of_a_copy_of_what_the_system_has_is_not_watched(made: Any, image: str) -> None:
    tool = _node("process", "dropped.exe", image=r"C:\Users\Public\dropped.exe", hash=f"SHA256={HASH.upper()}")
    ordinary = made.started(-DAY, "{C-1}", image, "{C-2}", "explorer.exe", "x", Hashes=f"MD5=00,SHA256={HASH.upper()}")
    assert HASH in _by_value(_of_trace(made, _trace(tool)))
    assert HASH not in _by_value(_of_trace(made, _trace(tool), ordinary))


def test_the_hash_of_an_empty_file_is_not_watched(made: Any) -> None:
    empty = _node("process", "dropped.exe", image=r"C:\Users\Public\dropped.exe", hash="MD5=D41D8CD98F00B204E9800998ECF8427E")
    assert [item.entity.kind for item in _of_trace(made, _trace(empty)).items] == ["file"]


def test_no_more_are_watched_than_the_limit_and_the_rest_is_counted(made: Any) -> None:
    many = tuple(Entity(kind="address", value=f"198.51.100.{number}") for number in range(MOST_ITEMS + 7))
    watched = _of_trace(made, _trace(attackers=many))
    assert len(watched.items) == MOST_ITEMS
    assert [(note.code, note.arguments) for note in watched.why] == [("watch.bounded", {"count": "7"})]


def test_hostile_values_stay_values(made: Any) -> None:
    names = (
        "a'; DROP TABLE watches; --\\x.exe",
        "C:\\Users\\Public\\\u202egnp.exe",
        "C:\\t\\" + "x" * 5_000 + ".exe",
        "C:\\t\\{why}%s.exe",
    )
    nodes = [_node("process", name, image=name) for name in names]
    watched = _of_trace(made, _trace(*nodes, attackers=(Entity(kind="domain", value="x" * 300 + ".example"),)))
    assert len(watched.items) == len(names) + 1

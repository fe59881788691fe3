"""Joining sessions: by what they share and by contact, never by hubs, never across days, never a whole day."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

HIGH = ("dump", "inject", "disable")


def burst(story: SimpleNamespace, host: str, minute: float, **more: Any) -> list[dict[str, object]]:
    return [story.signal(f"{host} {rule}", minute + at, host, level="high", **more) for at, rule in enumerate(HIGH)]


def hosts(story: SimpleNamespace, rows: list[dict[str, object]]) -> list[set[str]]:
    return [set(incident.hosts) for incident in story.run([*story.everyday(12, 60), *rows]).incidents]


def test_two_hosts_that_share_a_rare_address_are_one_incident_and_it_is_said(story: SimpleNamespace) -> None:
    rows = [row for host, minute in (("ws1", 2000), ("ws2", 2030)) for row in burst(story, host, minute, entities=["address:203.0.113.9"])]
    got = story.run([*story.everyday(12, 60), *rows])
    assert [set(incident.hosts) for incident in got.incidents] == [{"ws1", "ws2"}]
    shared = [note.arguments for note in got.incidents[0].why if note.code == "incident.shared"]
    assert {"kind": "address", "value": "203.0.113.9", "sessions": "2"} in shared
    assert ("address", "203.0.113.9") in {(entity.kind, entity.value) for entity in got.incidents[0].entities}


def test_two_hosts_that_share_nothing_stay_apart(story: SimpleNamespace) -> None:
    assert sorted(map(sorted, hosts(story, [*burst(story, "ws1", 2000), *burst(story, "ws2", 2030)]))) == [["ws1"], ["ws2"]]


def test_a_hub_never_joins(story: SimpleNamespace) -> None:
    common = [
        story.signal("query", 60 * hour + host, f"ws{host}", entities=["address:203.0.113.9"]) for hour in range(60) for host in range(12)
    ]
    rows = [row for host, minute in (("ws1", 2000), ("ws2", 2030)) for row in burst(story, host, minute, entities=["address:203.0.113.9"])]
    assert sorted(map(sorted, hosts(story, [*common, *rows]))) == [["ws1"], ["ws2"]]


def test_an_account_every_machine_has_never_joins(story: SimpleNamespace) -> None:
    rows = [*burst(story, "ws1", 2000, user="system"), *burst(story, "ws2", 2030, user="system")]
    assert sorted(map(sorted, hosts(story, rows))) == [["ws1"], ["ws2"]]


def test_time_bounds_what_an_entity_joins(story: SimpleNamespace) -> None:
    rows = [row for host, minute in (("ws1", 2000), ("ws2", 2600)) for row in burst(story, host, minute, entities=["address:203.0.113.9"])]
    assert sorted(map(sorted, hosts(story, rows))) == [["ws1"], ["ws2"]]


def test_a_host_that_names_the_other_joins(story: SimpleNamespace) -> None:
    rows = [*burst(story, "ws1", 2000), *burst(story, "ws2", 2030), story.signal("remote", 2029, "ws1", level="low", entities=["host:ws2"])]
    assert hosts(story, rows) == [{"ws1", "ws2"}]


def test_a_weak_session_joins_by_what_it_shares_but_starts_nothing(story: SimpleNamespace) -> None:
    weak = [story.signal("odd", 2040, "ws5", entities=["hash:f00"])]
    rows = burst(story, "ws1", 2000, entities=["hash:f00"])
    assert hosts(story, [*rows, *weak]) == [{"ws1", "ws5"}]
    assert hosts(story, weak) == []


def test_no_incident_swallows_a_day(story: SimpleNamespace) -> None:
    rows = [row for n in range(12) for row in burst(story, f"ws{n}", 2000 + n, entities=["address:203.0.113.9"])]
    got = story.run([*story.everyday(12, 60), *rows])
    days = {session.id: session.start.date() for session in got.sessions if session.start}
    for incident in got.incidents:
        for day in {days[session] for session in incident.sessions}:
            held = sum(days[session] == day for session in incident.sessions)
            assert held <= 0.2 * sum(other == day for other in days.values())


def test_one_act_seen_by_two_products_joins_what_nothing_else_would(story: SimpleNamespace) -> None:
    """An endpoint product names the host, an identity product the account alone: the same technique at the same minute is one act."""
    host = [story.signal(f"dump {at}", 3000 + at, "ws1", level="high", user="bob", techniques=["T1134.005"]) for at in range(3)]
    account = [story.signal(f"history {at}", 3001 + at, "", level="high", user="carol", techniques=["T1134.005"]) for at in range(3)]
    assert len(story.run([*story.everyday(6, 60), *host, *account]).incidents) == 1
    later = [row | {"time": story.start + timedelta(minutes=3060 + at)} for at, row in enumerate(account)]
    assert len(story.run([*story.everyday(6, 60), *host, *later]).incidents) == 2


def test_what_an_attacker_brings_along_ties_for_a_day_whatever_its_scheme(story: SimpleNamespace) -> None:
    def lured(minute: int, host: str, url: str) -> list[dict[str, object]]:
        return [story.signal(f"lured {minute} {at}", minute + at, host, level="high", entities=[f"url:{url}"]) for at in range(3)]

    once = lured(3000, "ws1", "http://lure.example/")
    assert len(story.run([*story.everyday(6, 90), *once, *lured(4200, "ws2", "https://lure.example")]).incidents) == 1
    assert len(story.run([*story.everyday(6, 90), *once, *lured(4500, "ws2", "https://lure.example")]).incidents) == 2


def test_a_small_record_without_anything_severe_has_one_incident_at_most(story: SimpleNamespace) -> None:
    rows = [story.signal(f"odd {at}", 100 * at, f"ws{at}", level="medium") for at in range(5)]
    assert len(story.run(rows).incidents) == 1
    severe = [row | {"level": "high"} for row in rows]
    assert len(story.run(severe).incidents) == 5


def test_what_is_sought_because_of_an_earlier_incident_starts_one_however_often_it_fires(story: SimpleNamespace) -> None:
    beacon = [story.signal("watch/a", 60 * hour + 7, "ws5", level="high", detector="watch") for hour in range(24, 60)]
    plain = [{**row, "detector": "intel"} for row in beacon]
    got = story.run([*story.everyday(12, 60), *beacon])
    rows = got.signals.to_pylist()
    assert all(row["incident"] for row in rows if row["detector"] == "watch")
    assert {incident.hosts for incident in got.incidents} == {("ws5",)}
    assert hosts(story, plain) == []


def test_one_mere_name_that_is_sought_starts_nothing_and_two_different_ones_do(story: SimpleNamespace) -> None:
    one, other = (story.signal(f"watch/{name}", 2000 + at, "ws5", detector="watch") for at, name in enumerate("ab"))
    low = story.signal("watch/c", 2002, "ws5", level="low", detector="watch")
    assert hosts(story, [one]) == []
    assert hosts(story, [one, low]) == []
    assert hosts(story, [one, other]) == [{"ws5"}]

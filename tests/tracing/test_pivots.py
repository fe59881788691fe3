"""From addresses and names of the attack to what shares their infrastructure, in both directions, with hubs as the end."""

from typing import Any

from watchkeeper.model.entity import Entity
from watchkeeper.tracing.pivots import MOST_NEIGHBOURS, pivots, senders

EVIL = Entity(kind="address", value="198.51.100.4")


def _asked(made: Any, second: float, name: str, *answers: str) -> Any:
    return made.windows("sysmon", 22, second, QueryName=name, QueryResults="".join(f"::ffff:{one};" for one in answers))


def _met(made: Any, *events: Any, start: Entity = EVIL) -> dict[str, tuple[str, int, str]]:
    found = pivots([start], made.over(list(events))).found
    return {one.entity.value: (one.why.code, one.hops, one.why.arguments["of"]) for one in found}


def test_names_of_an_address_and_their_other_addresses_are_found_with_the_steps(made: Any) -> None:
    first = _asked(made, 1, "cdn.evil.example", "198.51.100.4", "203.0.113.7")
    second = made.zeek("dns", 2, "C1", query="far.example", answers=("203.0.113.7",))
    third = made.zeek("dns", 3, "C2", query="far.example", answers=("203.0.113.8",))
    found = pivots([EVIL], made.over([first, second, third])).found
    assert {one.entity.value: (one.why.code, one.hops) for one in found} == {
        "cdn.evil.example": ("watch.resolved", 1), "203.0.113.7": ("watch.answer", 2),
    }  # fmt: skip
    assert found[0].evidence == (first.id,)


def test_a_name_leads_to_its_addresses(made: Any) -> None:
    start = Entity(kind="domain", value="evil.example")
    assert _met(made, _asked(made, 1, "evil.example", "198.51.100.9"), start=start) == {"198.51.100.9": ("watch.answer", 1, "evil.example")}


def test_an_address_with_many_names_is_a_hub_and_said(made: Any) -> None:
    shared = [_asked(made, number, f"shop{number}.example", "198.51.100.4") for number in range(MOST_NEIGHBOURS + 1)]
    gone = pivots([EVIL], made.over(shared))
    assert gone.found == []
    assert [(note.code, note.arguments) for note in gone.hubs] == [("watch.hub", {"value": EVIL.value, "count": str(MOST_NEIGHBOURS + 1)})]


def test_what_is_reached_over_a_hub_is_left_out_with_it(made: Any) -> None:
    front = [_asked(made, number, f"site{number}.example", "203.0.113.7") for number in range(MOST_NEIGHBOURS + 1)]
    assert set(_met(made, _asked(made, 90, "evil.example", "198.51.100.4", "203.0.113.7"), *front)) == {"evil.example"}


def test_certificates_lead_to_other_servers_and_fingerprints_of_ordinary_clients_do_not_count(made: Any) -> None:
    known, other = "ab" * 32, "cd" * 32
    own = made.zeek(
        "ssl", 1, "C1", "10.1.0.7 50000 198.51.100.4 443", server_name="evil.example", cert_chain_fps=(known, other), ja3="1" * 32
    )
    twin = made.zeek("ssl", 2, "C2", "10.1.0.8 50000 203.0.113.9 443", cert_chain_fps=(known,), ja3="2" * 32)
    met = _met(made, own, twin)
    assert met[known] == ("watch.certificate", 1, EVIL.value)
    assert met["203.0.113.9"] == ("watch.same-certificate", 2, known)
    assert met["1" * 32] == ("watch.client", 1, EVIL.value)
    elsewhere = made.zeek("ssl", 3, "C3", "10.1.0.9 50000 192.0.2.1 443", ja3="1" * 32)
    assert "1" * 32 not in _met(made, own, twin, elsewhere)


def test_who_sent_a_mail_from_outside_is_found_and_colleagues_are_not(made: Any) -> None:
    lure = made.zeek("smtp", 1, "C1", mailfrom="<Boss@evil.example>", rcptto=("eva@corp.example",))
    inside = made.zeek("smtp", 2, "C2", mailfrom="ann@corp.example", rcptto=("eva@corp.example",))
    found = list(senders((lure.id, inside.id), made.over([lure, inside])))
    assert [(one.entity.value, one.evidence) for one in found] == [("boss@evil.example", (lure.id,))]


def test_hostile_answers_are_no_addresses(made: Any) -> None:
    odd = made.windows("sysmon", 22, 1, QueryName="x" * 3_000, QueryResults="198.51.100.4;';--;" + ";" * 5_000 + "999.1.1.1;type:  5 a.b;")
    assert _met(made, odd) == {}

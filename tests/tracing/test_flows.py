"""What the network saw is tied to an attack by end points, by outside names and by connection ids, and by nothing else."""

from datetime import timedelta
from typing import Any

from watchkeeper.tracing.flows import flows, visitors

DAY = timedelta(hours=12)
HOME = "10.1.0.7 50001 198.51.100.4 443"


def _talked(made: Any) -> Any:
    return made.windows("sysmon", 3, 10, Initiated="true", SourceIp="10.1.0.7", SourcePort="50001",
                        DestinationIp="198.51.100.4", DestinationPort="443")  # fmt: skip


def _found(made: Any, record: list[Any], outside: set[str]) -> set[str]:
    span = (made.START - DAY, made.START + DAY)
    return {event.id for event in flows([_talked(made)], outside, span, made.over(record))}


def test_the_record_of_a_connection_is_the_one_with_its_four_end_points(made: Any) -> None:
    ours = made.zeek("conn", 10, "C1", HOME)
    others = [
        made.zeek("conn", 11, "C2", "10.1.0.7 50002 198.51.100.4 443"),
        made.zeek("conn", 12, "C3", "10.1.0.8 50001 198.51.100.4 443"),
        made.zeek("conn", 13, "C4", "10.1.0.7 50001 192.0.2.1 443"),
    ]
    assert _found(made, [ours, *others], set()) == {ours.id}


def test_other_records_of_the_same_connection_come_along_by_its_id(made: Any) -> None:
    conn, same = made.zeek("conn", 10, "C1", HOME), made.zeek("files", 11, "C1", tx_hosts="198.51.100.4")
    stranger = made.zeek("files", 12, "C9", tx_hosts="198.51.100.4")
    assert _found(made, [conn, same, stranger], set()) == {conn.id, same.id}


def test_whatever_touches_an_outside_address_or_name_belongs(made: Any) -> None:
    from_there = made.zeek("conn", 1, "C1", "203.0.113.9 40000 10.1.0.20 80")
    asked = made.zeek("dns", 2, "C2", "10.1.0.7 50002 10.1.0.2 53", query="Update.Bad.example")
    alike = made.zeek("dns", 3, "C3", "10.1.0.7 50003 10.1.0.2 53", query="not-update.bad.example.org")
    assert _found(made, [from_there, asked, alike], {"203.0.113.9", "update.bad.example"}) == {from_there.id, asked.id}


def test_nothing_is_asked_where_there_is_nothing_to_ask_for(made: Any) -> None:
    span = (made.START - DAY, made.START + DAY)
    everything = made.over([made.zeek("conn", 1, "C1", HOME), made.zeek("http", 2, "C2", HOME, uri="/")])
    assert list(flows([], set(), span, everything)) == []
    assert visitors(set(), span, everything) == set()


def test_visitors_are_who_asked_for_the_page_not_who_mentioned_it(made: Any) -> None:
    record = [
        made.zeek("http", 1, "C1", "203.0.113.50 40000 10.1.0.20 80", uri="/files/Up.aspx?c=1"),
        made.zeek("http", 2, "C2", "203.0.113.51 40000 10.1.0.20 80", uri="/index.html", referrer="http://intranet.example/up.aspx"),
    ]
    assert visitors({"up.aspx"}, (made.START - DAY, made.START + DAY), made.over(record)) == {"203.0.113.50"}

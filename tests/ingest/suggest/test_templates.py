"""Templates."""

import re2

from watchkeeper.ingest.suggest.templates import beginning, clusters, escaped, group_name, written
from watchkeeper.ingest.suggest.tokens import tokens

MESSAGES = [f"user bob{at} came from 203.0.113.{at} port {at}" for at in range(5)] + ["door closed", "door opened", "door closed"]


def test_messages_of_one_statement_are_one_cluster() -> None:
    found = clusters([tokens(text) for text in MESSAGES])
    assert [cluster.count for cluster in found] == [5, 3]
    one = written(found[0].places, set())
    assert (
        one.pattern
        == r'^user\s+(?P<user>[^\s"=,;|()\[\]]+)\s+came\s+from\s+(?P<src_ip>[0-9A-Fa-f.:]+)\s+port\s+(?P<src_port>-?\d+(?:\.\d+)?)'
    )
    assert clusters([]) == []


def test_names_are_given_once_and_never_a_reserved_one() -> None:
    (cluster,) = clusters(
        [tokens(text) for text in ("from 203.0.113.1 via 203.0.113.2 at 203.0.113.3", "from 203.0.113.4 via 203.0.113.5 at ::1")]
    )
    assert re2.compile(written(cluster.places, set()).pattern).groupindex.keys() == {"src_ip", "dst_ip", "src_ip_2"}
    assert [group_name(name) for name in ("a-b", "7x", "message", "", "--")] == ["a_b", "field_7x", "field_message", "", ""]


def test_a_beginning_ends_where_prose_begins() -> None:
    lines = [f"2026-03-02 10:00:0{at} {level} [main] door was opened" for at, level in enumerate(("INFO", "WARN", "INFO"))]
    places = beginning([tokens(line) for line in lines])
    assert places[-1].text == "]"
    one = written(places, set(), rest="_rest")
    assert (
        one.pattern
        == r"^(?P<_time>\d+-\d+-\d+\s+\d+:\d+:\d+(?:[.,]\d+)?)\s+(?P<level>[^\s\"=,;|()\[\]]+)\s+\[main\]\s*(?P<_rest>.*)".replace(
            '\\"', '"'
        )
    )
    assert one.times == ("2026-03-02 10:00:00", "2026-03-02 10:00:01", "2026-03-02 10:00:02")


def test_a_dash_that_stands_for_no_value_is_one_with_the_values() -> None:
    places = beginning([tokens(text) for text in ("203.0.113.9 - 12", "203.0.113.9 bob -", "203.0.113.9 - 7")])
    assert [(place.kind, place.literal) for place in places if place.kind != "space"] == [
        ("address", False),
        ("word", False),
        ("number", False),
    ]


def test_literals_are_escaped() -> None:
    assert escaped("a.b (c)  [d]") == r"a\.b\s+\(c\)\s+\[d\]"
    assert re2.compile(escaped("^$.|?*+(){}[]\\-#&~'\"")).fullmatch("^$.|?*+(){}[]\\-#&~'\"")

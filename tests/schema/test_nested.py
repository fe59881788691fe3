"""Flat rows as nested records."""

from watchkeeper.schema import nested


def test_dots_nest_and_lists_of_objects_spread() -> None:
    row = {"_id": "x", "a.b.c": 1, "a.d": None, "answers.rdata": ["1", "2"], "answers.ttl": [60], "query.type": "A"}
    assert nested(row) == {"a": {"b": {"c": 1}}, "answers": [{"rdata": "1", "ttl": 60}, {"rdata": "2"}], "query": {"type": "A"}}


def test_objects_within_several_objects_are_lists_of_their_own() -> None:
    assert nested({"vulnerabilities.cve.cvss.version": ["3.1"]}) == {"vulnerabilities": [{"cve": {"cvss": [{"version": "3.1"}]}}]}

import io
import json
from datetime import UTC, datetime, timedelta

import pytest

from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats.entry import Ask, Entry, Refused
from watchkeeper.detection.intel.formats.stix import stix
from watchkeeper.detection.intel.sharing import Sighted, bundle
from watchkeeper.stix.objects import MOST_COUNT

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
HASHES = [(one, "hash", "a" * one) for one in (32, 40, 56, 64, 96, 128)]


def _rows(*entries: Entry) -> list[dict[str, object]]:
    return indicators(entries, Defaults("feed", confidence=70), NOW)[0].to_pylist()


def _sighted(*entries: Entry, **more: object) -> list[Sighted]:
    said = {"count": 3, "first": NOW, "last": NOW + timedelta(hours=1), **more}
    return [Sighted(row, **said) for row in _rows(*entries)]  # type: ignore[arg-type]


def _objects(written: dict[str, object], of_type: str) -> list[dict[str, object]]:
    return [one for one in written["objects"] if one["type"] == of_type]  # type: ignore[union-attr,index]


EVERY_KIND = (
    Entry("address", "203.0.113.9", tlp="green", labels=("Nimble",), techniques=("T1071.001",), external_id="x-1"),
    Entry("address", "2001:db8::1"), Entry("network", "203.0.112.0/24"), Entry("network", "2001:db8::/32"),
    Entry("domain", "bad.example", valid_until=NOW + timedelta(days=9)), Entry("url", "http://bad.example/it's?q=%5C"),
    Entry("mailbox", "a@bad.example"), Entry("user", "svc"), Entry("file", "evil's.exe", confidence=5, tlp="amber+strict"),
    *(Entry("hash", value) for _, _, value in HASHES),
)  # fmt: skip


def test_what_is_exported_is_imported_as_it_was() -> None:
    written = bundle(_sighted(*EVERY_KIND), "Example CERT", NOW)
    back, account = indicators(stix.entries(io.BytesIO(json.dumps(written).encode()), Ask()), Defaults("feed"), NOW)
    assert account.refused == {}
    there, again = _rows(*EVERY_KIND), back.to_pylist()
    same = ("id", "kind", "value", "confidence", "valid_until", "tlp", "techniques")
    assert [[row[name] for name in same] for row in again] == [[row[name] for name in same] for row in there]
    assert again[0]["labels"] == ["Nimble", "203.0.113.9"]
    assert stix.sniff(json.dumps(written).encode())


def test_a_sighting_says_how_often_and_when_and_no_host_unless_asked() -> None:
    written = bundle(_sighted(Entry("domain", "bad.example", tlp="green")), "Example CERT", NOW)
    (who,), (indicator,), (sighting,) = (_objects(written, name) for name in ("identity", "indicator", "sighting"))
    assert (who["name"], who["identity_class"]) == ("Example CERT", "organization")
    assert (sighting["sighting_of_ref"], sighting["where_sighted_refs"]) == (indicator["id"], [who["id"]])
    assert (sighting["count"], sighting["first_seen"], sighting["last_seen"]) == (3, "2026-06-01T12:00:00.000Z", "2026-06-01T13:00:00.000Z")
    assert indicator["pattern"] == "[domain-name:value = 'bad.example']"
    (marking,) = _objects(written, "marking-definition")
    assert indicator["object_marking_refs"] == sighting["object_marking_refs"] == [marking["id"]]
    assert "pc1" not in json.dumps(written)


def test_hosts_are_identities_each_once() -> None:
    written = bundle(_sighted(Entry("domain", "bad.example"), Entry("domain", "worse.example"), hosts=("pc1", "pc2")), "Example CERT", NOW)
    systems = [one for one in _objects(written, "identity") if one["identity_class"] == "system"]
    assert [one["name"] for one in systems] == ["pc1", "pc2"]
    for sighting in _objects(written, "sighting"):
        assert sighting["where_sighted_refs"][1:] == [one["id"] for one in systems]  # type: ignore[index]


def test_ids_depend_on_who_tells_and_the_indicator_alone() -> None:
    def ids(written: dict[str, object]) -> list[object]:
        return [one["id"] for name in ("identity", "indicator", "sighting") for one in _objects(written, name)]

    one = bundle(_sighted(Entry("domain", "bad.example")), "A", NOW)
    later = bundle(_sighted(Entry("domain", "bad.example"), count=9), "A", NOW + timedelta(days=1))
    assert ids(one) == ids(later)
    assert not set(ids(one)) & set(ids(bundle(_sighted(Entry("domain", "bad.example")), "B", NOW)))
    assert [one["created"] for one in _objects(one, "sighting")] == [one["created"] for one in _objects(later, "sighting")]
    assert _objects(one, "sighting")[0]["modified"] != _objects(later, "sighting")[0]["modified"]


def test_what_has_no_time_says_none_and_the_end_is_after_the_beginning() -> None:
    expired = Entry("domain", "bad.example", valid_until=NOW - timedelta(days=9))
    written = bundle(_sighted(expired, count=MOST_COUNT + 1, first=None, last=None), "A", NOW)
    (indicator,), (sighting,) = _objects(written, "indicator"), _objects(written, "sighting")
    assert str(indicator["valid_from"]) < str(indicator["valid_until"])
    assert sighting.keys() & {"first_seen", "last_seen"} == set()
    assert sighting["count"] == MOST_COUNT


def test_nobody_has_seen_nothing() -> None:
    with pytest.raises(ValueError, match="--organisation"):
        bundle((), " ", NOW)


def test_nothing_is_refused_of_an_export() -> None:
    written = bundle(_sighted(*EVERY_KIND), "A", NOW)
    assert not [one for one in stix.entries(io.BytesIO(json.dumps(written).encode()), Ask()) if isinstance(one, Refused)]

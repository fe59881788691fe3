"""What choosing asks: who names a thing, whose it is, what intelligence counts to the same campaign, what earlier cases had seen."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.assets import Register
from watchkeeper.autopilot.lookout import MOST_OF_CAMPAIGN, WIDEST_LABEL, Asked, Knowing
from watchkeeper.detection.intel.allow import ListType, make_allow_lists
from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats import Entry
from watchkeeper.detection.intel.known import Known, owned
from watchkeeper.detection.intel.lookup import make_lookup
from watchkeeper.lake import OBSERVED, ObservedWriter
from watchkeeper.model.asset import Asset
from watchkeeper.model.entity import Entity, EntityKind
from watchkeeper.model.note import Note
from watchkeeper.model.observed import OBSERVED_SCHEMA
from watchkeeper.model.watch import WatchItem

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _observed(folder: Path, *values: tuple[str, str, str]) -> Path:
    row = {"count": 2, "first": NOW, "last": NOW + timedelta(hours=1), "event_id": "e", "source": "log", "row": 3}
    rows = [{"kind": kind, "value": value, "host": host, **row} for kind, value, host in values]
    ObservedWriter(folder).add(pa.Table.from_pylist(rows, schema=OBSERVED_SCHEMA))
    return folder


def _knowing(place: Path, *earlier: Path, known: Known | None = None, assets: tuple[Asset, ...] = ()) -> Knowing:
    lookup = make_lookup(indicators([], Defaults("feed"), NOW)[0])
    record = Asked(lambda _: iter(()), place / "here", NOW, Register(assets))
    return Knowing(record, earlier, NOW, frozenset(), known or Known(lookup))


def _item(value: str, kind: EntityKind = "domain") -> WatchItem:
    entity = Entity(kind=kind, value=value)
    return WatchItem(
        entity=entity, why=Note(code="watch.attacker"), level="high", sightings=0, first_seen=None, last_seen=None, hosts=()
    )  # fmt: skip


def _labelled(*entries: tuple[str, str]) -> Known:
    found = [Entry("domain", value, labels=(label,)) for value, label in entries]
    return Known(make_lookup(indicators(found, Defaults("feed"), NOW)[0]))


def test_hosts_are_those_of_the_record_and_of_earlier_cases_by_their_names(tmp_path: Path) -> None:
    _observed(tmp_path / "here", ("address", "203.0.113.9", "10.0.0.7"))
    case = tmp_path / "case"
    _observed(case / OBSERVED, ("address", "203.0.113.9", "ws3"), ("address", "203.0.113.10", "ws4"))
    knowing = _knowing(tmp_path, case, assets=(Asset(name="ws7", addresses=("10.0.0.7",)),))
    found = list(knowing.named([Entity(kind="address", value="203.0.113.9")]))
    assert sorted((one.host, one.count) for one in found) == [("ws3", 2), ("ws7", 2)]
    assert list(knowing.named([])) == []


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [
        ("address", "10.0.0.7", "watch.own"), ("address", "127.0.0.1", "watch.own"), ("address", "192.0.2.77", "watch.own"),
        ("domain", "www.corp.example", "watch.own"), ("domain", "ws7.elsewhere.example", "watch.own"),
        ("domain", "cdn.example", "watch.listed"),
        ("address", "203.0.113.9", ""), ("domain", "evil.example", ""), ("hash", "a" * 64, ""),
    ],
)  # fmt: skip
def test_what_is_the_organisations_or_allow_listed_is_harmless(tmp_path: Path, kind: EntityKind, value: str, code: str) -> None:
    allow = make_allow_lists([ListType("popular", "hostname", frozenset({"domain"}))], [(0, "cdn.example")])
    known = Known(make_lookup(indicators([], Defaults("feed"), NOW)[0]), allow, owned(["192.0.2.0/24"], ["corp.example"]))
    note = _knowing(tmp_path, known=known, assets=(Asset(name="ws7", addresses=("10.0.0.7",)),)).harmless(Entity(kind=kind, value=value))
    assert (note.code if note else "") == code


def test_indicators_of_the_same_campaign_are_taken_with_the_reason(tmp_path: Path) -> None:
    known = _labelled(("evil.example", "APT-X"), ("far.example", "APT-X"), ("other.example", "APT-Y"), ("more.example", "malware"))
    found = [one for one in _knowing(tmp_path, known=known).campaign([_item("evil.example")]) if isinstance(one, WatchItem)]
    assert [(one.entity.value, one.hops, one.level) for one in found] == [("far.example", 1, "medium")]
    assert found[0].why.arguments == {"of": "evil.example", "label": "APT-X", "source": "feed"}


def test_labels_that_many_share_are_said_and_not_followed_and_one_gives_a_bounded_number(tmp_path: Path) -> None:
    wide = _labelled(("evil.example", "Wide"), *((f"x{number}.example", "Wide") for number in range(WIDEST_LABEL)))
    (note,) = _knowing(tmp_path, known=wide).campaign([_item("evil.example")])
    assert isinstance(note, Note)
    assert note.code == "watch.label"
    narrow = _labelled(("evil.example", "Some"), *((f"x{number}.example", "Some") for number in range(MOST_OF_CAMPAIGN + 9)))
    assert len(list(_knowing(tmp_path, known=narrow).campaign([_item("evil.example")]))) == MOST_OF_CAMPAIGN


def test_kinds_of_activity_are_no_campaign(tmp_path: Path) -> None:
    known = _labelled(("evil.example", "malicious-activity"), ("far.example", "malicious-activity"), ("x.example", "tlp:amber"))
    assert list(_knowing(tmp_path, known=known).campaign([_item("evil.example"), _item("x.example")])) == []


def test_what_earlier_cases_had_seen_is_said_with_case_host_and_time(tmp_path: Path) -> None:
    case = tmp_path / "monday"
    _observed(case / OBSERVED, ("domain", "a.evil.example", "ws3"), ("domain", "good.example", "ws3"))
    (note,) = _knowing(tmp_path, case).seen_before([_item("evil.example")])
    assert note.code == "watch.earlier"
    assert note.arguments == {"value": "a.evil.example", "case": "monday", "hosts": "ws3", "first": NOW.isoformat(), "count": "2"}
    assert list(_knowing(tmp_path).seen_before([_item("evil.example")])) == []

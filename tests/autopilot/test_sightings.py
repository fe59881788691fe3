from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from watchkeeper.autopilot.backwards import Match
from watchkeeper.autopilot.sightings import UNTOLD, shared
from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats import Entry
from watchkeeper.model.indicator import Tlp

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LEVELS: tuple[Tlp, ...] = ("", "clear", "green", "amber", "amber+strict", "red")


def _row(value: str, tlp: Tlp = "", source: str = "feed", kind: str = "domain") -> dict[str, object]:
    return indicators([Entry(kind, value, tlp=tlp)], Defaults(source), NOW)[0].to_pylist()[0]


def _match(*rows: dict[str, object], value: str = "x", since: datetime | None = NOW, host: str = "pc1") -> Match:
    return Match("case", "domain", value, rows[0], rows[1:], since, since, 2, (host,), "e", "log", 0)


@pytest.mark.parametrize("most", LEVELS[1:])
def test_what_is_stricter_stays_and_is_counted(most: Tlp) -> None:
    assert set(LEVELS) == set(get_args(Tlp))
    left = shared([_match(_row(f"a{place}.example", level)) for place, level in enumerate(LEVELS)], most, hosts=False)
    at = LEVELS.index(most)
    assert [one.indicator["tlp"] for one in left.sighted] == list(LEVELS[: at + 1])
    assert left.staying == {f"TLP:{level.upper()}": 1 for level in LEVELS[at + 1 :]}
    assert left.unmarked == 1


def test_an_indicator_is_added_up_over_values_and_cases() -> None:
    bad = _row("bad.example")
    matches = [_match(bad, value="a.bad.example"), _match(bad, value="b.bad.example", since=NOW - timedelta(days=1), host="pc2")]
    (one,) = shared([*matches, _match(bad, since=None)], "green", hosts=True).sighted
    assert (one.count, one.first, one.last, one.hosts) == (6, NOW - timedelta(days=1), NOW, ("pc1", "pc2"))
    assert shared(matches, "green", hosts=False).sighted[0].hosts == ()


def test_a_source_that_may_leave_leaves_though_a_surer_one_stays() -> None:
    left = shared([_match(_row("bad.example", "red"), _row("bad.example", "green", "other"))], "green", hosts=False)
    assert [one.indicator["source"] for one in left.sighted] == ["other"]
    assert left.staying == {"TLP:RED": 1}


def test_what_no_pattern_can_tell_stays() -> None:
    left = shared([_match(_row("pc9", kind="host"))], "red", hosts=False)
    assert (left.sighted, left.staying) == ((), {UNTOLD: 1})

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from watchkeeper.detection.intel.allow import ListType, make_allow_lists
from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats import Entry
from watchkeeper.detection.intel.installed import (
    CURRENT,
    GENERATIONS,
    Installed,
    Merged,
    install_allow,
    install_indicators,
    open_installed,
    remove_source,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def _table(*entries: Entry, source: str = "feed", now: datetime = NOW) -> pa.Table:
    return indicators(entries, Defaults(source), now)[0]


def _there(folder: Path) -> Installed:
    found = open_installed(folder)
    assert found is not None
    return found


def test_importing_the_same_again_changes_nothing(tmp_path: Path) -> None:
    entries = (Entry("domain", "a.example", valid_until=NOW, labels=("x",)), Entry("hash", "a" * 32))
    assert install_indicators(tmp_path, _table(*entries)) == Merged(2, 0, 0, 0)
    before = (tmp_path / CURRENT).read_bytes()
    assert install_indicators(tmp_path, _table(*entries, now=NOW + timedelta(days=1))) == Merged(0, 0, 2, 0)
    assert (tmp_path / CURRENT).read_bytes() == before


def test_what_changed_is_changed_and_keeps_when_it_was_first_seen(tmp_path: Path) -> None:
    install_indicators(tmp_path, _table(Entry("domain", "a.example"), Entry("domain", "b.example")))
    later = NOW + timedelta(days=1)
    new = _table(Entry("domain", "a.example", revoked=True), Entry("domain", "c.example"), now=later)
    assert install_indicators(tmp_path, new) == Merged(1, 1, 0, 0)
    rows = {row["value"]: row for row in _there(tmp_path).lookup.indicators.to_pylist()}
    assert [(name, row["revoked"], row["first_seen"]) for name, row in sorted(rows.items())] == [
        ("a.example", True, NOW), ("b.example", False, NOW), ("c.example", False, later),
    ]  # fmt: skip
    assert _there(tmp_path).lookup.find([("domain", "a.example")]) == [()]


def test_a_time_that_appears_or_goes_is_a_change(tmp_path: Path) -> None:
    install_indicators(tmp_path, _table(Entry("domain", "a.example")))
    assert install_indicators(tmp_path, _table(Entry("domain", "a.example", valid_until=NOW))) == Merged(0, 1, 0, 0)


def test_replacing_takes_out_what_the_source_no_longer_gives_and_nothing_of_others(tmp_path: Path) -> None:
    install_indicators(tmp_path, _table(Entry("domain", "a.example"), Entry("domain", "b.example")))
    install_indicators(tmp_path, _table(Entry("domain", "a.example"), source="other"))
    assert install_indicators(tmp_path, _table(Entry("domain", "b.example")), replace=True) == Merged(0, 0, 1, 1)
    assert sorted((row["source"], row["value"]) for row in _there(tmp_path).lookup.indicators.to_pylist()) == [
        ("feed", "b.example"),
        ("other", "a.example"),
    ]


def test_a_source_can_be_taken_out(tmp_path: Path) -> None:
    assert remove_source(tmp_path, "feed") == 0
    install_indicators(tmp_path, _table(Entry("domain", "a.example")))
    assert (remove_source(tmp_path, "other"), remove_source(tmp_path, "feed")) == (0, 1)
    assert _there(tmp_path).lookup.indicators.num_rows == 0


def test_allow_lists_stay_when_indicators_come_and_the_other_way_round(tmp_path: Path) -> None:
    install_allow(tmp_path, make_allow_lists([ListType("l", "string", frozenset({"domain"}))], [(0, "a.example")]))
    install_indicators(tmp_path, _table(Entry("domain", "a.example")))
    assert _there(tmp_path).allow().covering("domain", "a.example")
    install_allow(tmp_path, make_allow_lists((), ()))
    assert _there(tmp_path).lookup.indicators.num_rows == 1
    assert len(list((tmp_path / GENERATIONS).iterdir())) == 1


def test_who_has_the_old_generation_open_goes_on_with_it(tmp_path: Path) -> None:
    install_indicators(tmp_path, _table(Entry("domain", "a.example")))
    old = _there(tmp_path)
    install_indicators(tmp_path, _table(Entry("domain", "b.example")), replace=True)
    assert old.lookup.find([("domain", "a.example"), ("domain", "b.example")]) == [(0,), ()]


def test_an_import_that_was_killed_leaves_what_was_in_force(tmp_path: Path) -> None:
    install_indicators(tmp_path, _table(Entry("domain", "a.example")))
    (tmp_path / GENERATIONS / ".incoming-x").mkdir()
    assert _there(tmp_path).lookup.indicators.num_rows == 1


@pytest.mark.parametrize("content", [b"{", json.dumps({"generation": "../../x"}).encode()])
def test_a_damaged_pointer_is_said(tmp_path: Path, content: bytes) -> None:
    (tmp_path / CURRENT).write_bytes(content)
    with pytest.raises(ValueError, match="damaged"):
        open_installed(tmp_path)


def test_nothing_is_installed_at_first(tmp_path: Path) -> None:
    assert open_installed(tmp_path) is None

from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.detection.intel.known import Known
from watchkeeper.detection.intel.lookup import make_lookup
from watchkeeper.detection.intel.watchlists import read_watchlists
from watchkeeper.model.indicator import Indicator

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LIST = r"""
watchlists:
  - name: leaving
    reason: leaves on 30 June
    level: medium
    expires: 2026-06-30
    users: ['CORP\Ann.Lee']
  - name: honey tokens
    reason: nobody has a reason to touch this
    files: [Passwords-2026.xlsx]
    hosts: [trap01.corp.example]
    addresses: [10.9.9.9, 10.8.0.0/16]
    accounts: ['AKIAHONEY']
"""


def _read(tmp_path: Path, text: str) -> list[Indicator]:
    (tmp_path / "w.yml").write_text(text)
    return [Indicator(**row) for row in read_watchlists(tmp_path / "w.yml", NOW).to_pylist()]


def test_entries_become_indicators_with_reason_level_and_expiry(tmp_path: Path) -> None:
    found = {one.value: one for one in _read(tmp_path, LIST)}
    assert set(found) == {"ann.lee", "passwords-2026.xlsx", "trap01", "10.9.9.9", "10.8.0.0/16", "akiahoney"}
    ann = found["ann.lee"]
    assert (ann.kind, ann.source, ann.level, ann.labels) == ("user", "leaving", "medium", ("leaves on 30 June",))
    assert ann.valid_until is not None
    assert ann.valid_until.date().isoformat() == "2026-06-30"
    assert found["trap01"].level == "high"


def test_private_addresses_are_watched(tmp_path: Path) -> None:
    (tmp_path / "w.yml").write_text(LIST)
    known = Known(make_lookup(read_watchlists(tmp_path / "w.yml", NOW)), always=True)
    assert [
        bool(one and one.rows) for one in known.verdicts([("address", "10.8.1.1"), ("file", "passwords-2026.xlsx"), ("user", "bob")])
    ] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x: 1", "no list under"),
        ("watchlists: [{name: a}]", "entry 0.reason: Field required"),
        ("watchlists: [{name: a, reason: b, level: bad}]", "entry 0.level"),
        ("watchlists: [{name: a, reason: b, hashes: [xyz]}]", "'xyz' under 'hashes' is no hash"),
        ("a: [", "as YAML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _read(tmp_path, text)

"""Alerts made in columns: each different alert is worked out once."""

import pyarrow as pa
import pytest

from watchkeeper.ingest.alert_columns import column_maker, fits_columns
from watchkeeper.ingest.alert_mapping import AlertMapping, parse

MAPPING = """\
name: acme
format: [csv]
columns: [when, what]
time: [{field: when, unit: s}]
rule: what
title: what
detector: [{text: acme}]
level: [{text: low}]
host: host
entities: [{kind: address, field: ip}]
"""


@pytest.fixture(scope="module")
def mapping() -> AlertMapping:
    return parse(MAPPING, "acme.yml")


def _cells(**columns: list[str | None]) -> dict[str, pa.Array]:
    return {name: pa.array(values, pa.string()) for name, values in columns.items()}


def test_alerts_are_what_the_mapping_says(mapping: AlertMapping) -> None:
    found = column_maker(mapping, ";")(
        _cells(when=["7", "x"], what=["a;b", "c"], host=["H", None], ip=[None, "2001:DB8::1"], no=[None, None])
    )
    assert (found.records, found.places.tolist(), found.skipped) == (2, [0, 1], {})
    assert [time and time.timestamp() for time in found.times.to_pylist()] == [7, None]
    assert found.hosts.to_pylist() == ["H", ""]
    assert found.raw.to_pylist() == ['7;"a;b";H;;', "x;c;;2001:DB8::1;"]
    assert "no" not in found.fields
    assert found.fields["signal.rule"].to_pylist() == ["a;b", "c"]
    assert found.fields["signal.entities"].to_pylist() == [None, ["address:2001:db8::1"]]


def test_an_alert_that_names_no_rule_keeps_its_place(mapping: AlertMapping) -> None:
    found = column_maker(mapping, ",")(_cells(when=["1", "2", "3"], what=["a", None, "a"]))
    assert (found.records, found.places.tolist()) == (3, [0, 2])
    assert found.skipped == {"alert that names no rule": 1}
    assert found.raw.to_pylist() == ["1,a", "3,a"]


def test_many_different_values_in_many_columns_stay_apart() -> None:
    users_first = "entities: [" + "".join(f"{{kind: user, field: u{number}}}, " for number in range(9))
    wide = parse(MAPPING.replace("entities: [", users_first), "acme.yml")
    users = {f"u{number}": [f"{number}-{row}" for row in range(200)] for number in range(9)}
    found = column_maker(wide, ",")(_cells(when=["1"] * 200, what=["a"] * 200, **users))
    assert found.fields["signal.entities"].to_pylist() == [[f"user:{number}-{row}" for number in range(9)] for row in range(200)]


@pytest.mark.parametrize(
    ("names", "fits"), [(["a", "b"], True), ([], False), (["a", "a"], False), (["_a"], False), (["signal.rule"], False)]
)
def test_columns_are_taken_if_their_names_need_no_change(names: list[str], *, fits: bool) -> None:
    assert fits_columns(names) is fits

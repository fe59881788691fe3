"""Setting signals aside loses none, and means what it says."""

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.correlation import set_aside
from watchkeeper.correlation.suppressing import ASIDE_SCHEMA, matcher, meant
from watchkeeper.model.signal import SIGNAL_SCHEMA
from watchkeeper.model.suppression import Suppression, Where

NOW = datetime(2025, 3, 3, 8, 30, tzinfo=UTC)


def suppression(name: str, rule: str = "", **where: str) -> Suppression:
    conditions = tuple(Where(name=key, value=value) for key, value in where.items())
    return Suppression(id=name, rule=rule, where=conditions, owner="o", why="w", created=NOW, expires=NOW + timedelta(days=9))


suppressions = st.builds(
    lambda name, rule, where: suppression(name, rule, **where),
    st.sampled_from("123"),
    st.sampled_from(["", "a", "b"]),
    st.dictionaries(
        st.sampled_from(["host", "user", "address", "Image"]), st.sampled_from(["ws1", "w*", "10.0.0.1", "*.exe", "nobody"]), max_size=2
    ),
)
signals = st.tuples(
    st.sampled_from("abc"), st.integers(0, 90), st.sampled_from(["ws1", "ws2"]), st.sampled_from(["low", "critical"]), st.booleans()
)


@given(st.lists(signals, max_size=12), st.lists(suppressions, max_size=4))
def test_no_signal_is_ever_lost(
    story: SimpleNamespace, given_signals: list[tuple[str, int, str, str, bool]], asked: list[Suppression]
) -> None:
    rows = [
        story.signal(
            rule, at, host, level=level, entities=["address:10.0.0.1"] if named else [], matches=[{"field": "image", "value": "x.EXE"}]
        )
        for rule, at, host, level, named in given_signals
    ]
    table = story.table(rows)
    staying, aside = set_aside(table, asked)
    assert staying.schema == SIGNAL_SCHEMA
    assert aside.schema == ASIDE_SCHEMA
    both = [*staying.to_pylist(), *aside.drop(["suppressed"]).to_pylist()]
    assert sorted(both, key=repr) == sorted(table.to_pylist(), key=repr)
    assert all(
        any(row in meant(table, one) for one in asked) for row, kept in enumerate(table.to_pylist()) if kept not in staying.to_pylist()
    )
    assert set(aside.column("suppressed").to_pylist()) <= {one.id for one in asked}


@pytest.mark.parametrize(
    ("rule", "where", "rows"),
    [
        ("a", {}, [0, 1, 2]),
        ("a", {"host": "WS1"}, [0]),
        ("a", {"user": "b*"}, [1]),
        ("", {"host": "ws*"}, [0, 1]),
        ("a", {"address": "10.0.0.1"}, [0]),
        ("a", {"image": "c:\\*\\backup.exe"}, [1]),
        ("a", {"image": "c:\\*\\backup.exe", "host": "ws1"}, []),
        ("b", {}, []),
    ],
)
def test_it_means_every_signal_that_has_all_it_asks_for_and_no_severe_one_without_naming_its_rule(
    story: SimpleNamespace, rule: str, where: dict[str, str], rows: list[int]
) -> None:
    table = story.table(
        [
            story.signal("a", 0, "ws1", level="low", user="ann", entities=["address:10.0.0.1"]),
            story.signal("a", 1, "ws2", level="low", user="bob", matches=[{"field": "Image", "value": "C:\\Tools\\Backup.exe"}]),
            story.signal("a", 2, "ws3", level="high"),
        ]
    )
    assert meant(table, suppression("s", rule, **where)) == rows


@given(st.text("ab*", max_size=8), st.text("ab", max_size=8))
def test_a_star_stands_for_any_text(wanted: str, value: str) -> None:
    assert matcher(wanted.upper())(value) == fnmatchcase(value, wanted)

"""Masses are shares of one in which nobody in particular always comes first, whatever was seen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.attack import Catalogue, Known
from watchkeeper.tracing.outlook.comparison import LOW, NONE, Groups, compare, groups_of, make_groups, masses

KEYS = [f"T10{number:02}" for number in range(30)]
USES = st.lists(st.sampled_from(KEYS), max_size=30).map(tuple)
GROUPS = st.lists(USES, max_size=40).map(
    lambda uses: make_groups([Known(f"G{at:04}", f"group {at}", (), used) for at, used in enumerate(uses)])
)


@given(groups=GROUPS, seen=st.frozensets(st.sampled_from(KEYS)))
def test_techniques_alone_never_exceed_low_confidence_and_none_of_these_keeps_half(groups: Groups, seen: frozenset[str]) -> None:
    none, named = masses(groups, seen)
    assert none + sum(named) == pytest.approx(1)
    assert none >= NONE - 1e-9
    assert all(0 < mass < LOW for mass in named)
    assert none > max(named, default=0)


def test_with_nothing_seen_nobody_has_more_than_another() -> None:
    groups = make_groups([Known(f"G{at:04}", "g", (), ("T1003",) * (at % 2)) for at in range(100)])
    none, named = masses(groups, frozenset())
    assert none == pytest.approx(NONE, abs=0.03)
    assert len(set(named)) == 1


def test_a_rare_technique_weighs_more_than_a_common_one() -> None:
    everybody = [Known(f"G{at:04}", "g", (), ("T1059",)) for at in range(50)]
    groups = make_groups([Known("G9001", "rare", (), ("T1490",)), *everybody])
    _, named = masses(groups, frozenset({"T1490", "T1059"}))
    assert named[0] == max(named)
    assert named[0] > 2 * named[1]


def test_what_no_group_of_the_table_does_speaks_for_none_of_them() -> None:
    groups = make_groups([Known(f"G{at:04}", "g", (), ("T1059",)) for at in range(50)])
    assert masses(groups, frozenset({"T1490", "T1486"}))[0] > masses(groups, frozenset({"T1059"}))[0]


def test_each_candidate_says_what_speaks_for_it_the_rarest_first(catalogue: Catalogue) -> None:
    many = tuple(Known(f"G{at:04}", "other", (), ("T1105",)) for at in range(100))
    whole = Catalogue("18.1", "", (), {}, (*catalogue.groups, *many), catalogue.software, ())
    found = compare(whole, ("T1003.001", "T1490", "T1486"), {"S0002": "Mimikatz use"})
    assert found is not None
    assert found.groups == 104
    larks = found.candidates[0]
    assert (larks.name, [(one.technique, one.groups) for one in larks.techniques]) == (
        "Larks",
        [("T1486", 1), ("T1490", 1), ("T1003.001", 2)],
    )
    assert [(one.name, one.seen, one.groups) for one in larks.software] == [("Mimikatz", "Mimikatz use", 2)]
    assert found.none_of_these + sum(one.mass for one in found.candidates) + found.others == pytest.approx(1)
    assert [note.code for note in found.why] == ["ahead.low"]


def test_where_nobody_stands_out_nobody_is_named() -> None:
    groups = tuple(Known(f"G{at:04}", "g", (), ("T1059", "T1105", "T1047")) for at in range(50))
    found = compare(Catalogue("", "", (), {}, groups, (), ()), ("T1059", "T1105", "T1047"), {})
    assert found is not None
    assert (found.candidates, [note.code for note in found.why]) == ((), ["ahead.nobody"])


def test_two_techniques_are_too_few(catalogue: Catalogue) -> None:
    assert compare(catalogue, ("T1003.001", "T1490"), {}) is None
    assert compare(Catalogue("", "", (), {}, (), (), ()), ("T1003.001", "T1490", "T1486"), {}) is None


def test_ids_of_an_older_attack_are_compared_as_they_are_called_today() -> None:
    old = Known("G0001", "old", (), ("T1086", "T1562.001"), ("S0002",))
    assert groups_of(Catalogue("", "", (), {}, (old, Known("G0002", "nothing known")), (), ())).uses == (
        frozenset({"T1059.001", "T1685", "S0002"}),
    )

"""Narrowing: what is known settles what it can and never changes an answer."""

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation, Null, Present, SameAs, rename
from watchkeeper.detection.sigma.narrow import narrow
from watchkeeper.detection.sigma.parse import to_condition
from watchkeeper.detection.sigma.reference import compile_condition
from watchkeeper.detection.sigma.row import Row

fields = st.sampled_from(["F", "G", "H"])
atoms = st.one_of(
    st.builds(to_condition, fields, st.sampled_from(["a", "b", "*", ""])),
    st.builds(Atom, fields, st.just(Null()) | st.builds(Present, st.booleans()) | st.builds(SameAs, fields)),
    st.builds(lambda text: to_condition("|all", [text]), st.sampled_from(["a", "b"])),
)
conditions = st.recursive(
    atoms,
    lambda inner: (
        st.builds(Negation, inner)
        | st.builds(lambda children: AllOf(tuple(children)), st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda children: AnyOf(tuple(children)), st.lists(inner, min_size=1, max_size=3))
    ),
    max_leaves=8,
)
values = st.sampled_from(["a", "b", ""])


@given(conditions, st.dictionaries(fields, values), st.dictionaries(fields, values))
def test_what_is_left_gives_the_same_answer(condition: Condition, fixed: dict[str, str], varying: dict[str, str]) -> None:
    row = Row({**varying, **fixed})
    left = narrow(condition, fixed, varying.keys() | fixed.keys())
    assert (left if isinstance(left, bool) else compile_condition(left)(row)) is compile_condition(condition)(row)


def test_a_settled_condition_needs_no_event() -> None:
    condition = AllOf((to_condition("EventID", 4688), to_condition("F", "a")))
    assert narrow(condition, {"EventID": "1"}, {"F"}) is False
    assert narrow(condition, {"EventID": "4688"}, set()) is False
    assert narrow(condition, {"EventID": "4688"}, {"F"}) == to_condition("F", "a")


def test_what_nothing_is_known_of_stays_itself() -> None:
    condition = AnyOf((to_condition("F", "a"), Negation(to_condition("G", "b"))))
    assert narrow(condition, {}, {"F", "G"}) is condition


def test_renaming_reaches_every_field() -> None:
    condition = AllOf((Atom("F", SameAs("G")), Negation(to_condition("F", "a")), to_condition("|all", ["k"])))
    assert rename(condition, {"F": "X", "G": "Y"}) == AllOf(
        (Atom("X", SameAs("Y")), Negation(to_condition("X", "a")), to_condition("|all", ["k"]))
    )

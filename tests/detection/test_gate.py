"""Gates: an event that meets a rule always has one of its keys."""

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.gate import Index, Key, gate
from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Condition, Negation
from watchkeeper.detection.sigma.parse import to_condition
from watchkeeper.detection.sigma.reference import compile_condition
from watchkeeper.detection.sigma.row import Row

fields = st.sampled_from(["F", "G"])
texts = st.sampled_from([r"\a.exe", r"C:\x\a.exe", "a.exe", "A", "", r"\x\B", "b\\", "*a", "c?d", r"C:\x\c1d"])
atoms = st.builds(
    lambda field, modifier, text: to_condition(field + modifier, text),
    fields,
    st.sampled_from(["", "|endswith", "|contains", "|cased"]),
    texts,
)
conditions = st.recursive(
    atoms,
    lambda inner: (
        st.builds(Negation, inner)
        | st.builds(lambda children: AllOf(tuple(children)), st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda children: AnyOf(tuple(children)), st.lists(inner, min_size=1, max_size=3))
    ),
    max_leaves=6,
)
values = texts | st.lists(texts, max_size=2)
rows = st.lists(st.fixed_dictionaries({}, optional={"F": values, "G": values}), max_size=6)


@given(conditions, rows)
def test_no_event_that_meets_the_rule_is_left_out(condition: Condition, events: list[dict[str, str | list[str]]]) -> None:
    table = [Row(event) for event in events]
    holds = compile_condition(condition)
    asked = list(Index(table).rows(gate(condition)))
    assert asked == sorted(set(asked))
    assert [place for place in asked if holds(table[place])] == [place for place, row in enumerate(table) if holds(row)]


def test_a_program_name_is_a_key() -> None:
    condition = AllOf((to_condition("Image|endswith", r"\CMD.exe"), to_condition("CommandLine|contains", "x")))
    assert gate(condition) == {Key("Image", last=True, text="cmd.exe")}


def test_an_alternative_without_a_key_opens_the_gate() -> None:
    assert gate(AnyOf((to_condition("F", "a"), to_condition("G|contains", "b")))) is None
    assert gate(Negation(to_condition("F", "a"))) is None

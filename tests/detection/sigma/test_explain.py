"""Why a rule fired: the positive tests that held, in the rule's order."""

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Negation
from watchkeeper.detection.sigma.explain import witnesses
from watchkeeper.detection.sigma.parse import to_condition
from watchkeeper.detection.sigma.row import Row


def test_only_what_holds_and_is_wanted_is_told() -> None:
    condition = AllOf(
        (
            to_condition("B|contains", "x"),
            AnyOf((to_condition("A", "no"), to_condition("A|startswith", "Y"))),
            Negation(to_condition("C", "c")),
        )
    )
    assert list(witnesses(condition)(Row({"A": "yes", "B": "AXE", "C": "d"}))) == [("B", "AXE"), ("A", "yes")]


def test_a_list_tells_the_element_that_holds() -> None:
    assert list(witnesses(to_condition("A|re", "b+"))(Row({"A": ["a", "bb", "b"]}))) == [("A", "bb")]


def test_a_keyword_tells_where_it_stands() -> None:
    assert list(witnesses(to_condition("|all", ["ONE", "two"]))(Row({"A": "one", "B": "xTWOx"}))) == [("A", "one"), ("B", "xTWOx")]


def test_a_reference_tells_both_fields() -> None:
    assert list(witnesses(to_condition("A|fieldref", "B"))(Row({"A": ["q", "x"], "B": "X"}))) == [("A", "x"), ("B", "X")]


def test_absence_is_told_with_an_empty_value() -> None:
    assert list(witnesses(to_condition("A", None))(Row({}))) == [("A", "")]
    assert list(witnesses(to_condition("A|exists", True))(Row({"A": "x"}))) == [("A", "x")]

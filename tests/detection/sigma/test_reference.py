"""The evaluator against a naive reading of Sigma's texts, written without any of its code, on random rules and values."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation
from watchkeeper.detection.sigma.parse import to_condition
from watchkeeper.detection.sigma.reference import compile_condition
from watchkeeper.detection.sigma.row import Row

LETTERS = "aAbB\\*?.ßΣς\n"
MODIFIERS = {"": "x", "|contains": "*x*", "|startswith": "x*", "|endswith": "*x"}
texts = st.text(LETTERS, max_size=8)
values = texts | st.lists(texts, min_size=1, max_size=3)
rows = st.fixed_dictionaries({}, optional={"F": values, "G": values})


def naive_parts(text: str) -> list[str | None]:
    """Read a Sigma text character by character: a wildcard as `many` or `one`, escapes resolved."""
    parts: list[str] = []
    rest = list(text)
    while rest:
        character = rest.pop(0)
        if character == "\\" and rest and rest[0] in "\\*?":
            parts.append(rest.pop(0))
        else:
            parts.append({"*": "many", "?": "one"}.get(character, character))
    return parts


def naive_equal(parts: Sequence[str], value: str) -> bool:
    if not parts:
        return not value
    if parts[0] == "many":
        return any(naive_equal(parts[1:], value[start:]) for start in range(len(value) + 1))
    return bool(value) and (parts[0] == "one" or letter(parts[0]) == letter(value[0])) and naive_equal(parts[1:], value[1:])


def letter(character: str) -> str:
    return {"A": "a", "B": "b", "Σ": "σ", "ς": "σ"}.get(character, character)


def naive_holds(modifier: str, text: str, value: str | list[str] | None) -> bool:
    shape = MODIFIERS[modifier]
    parts = ["many"] * shape.startswith("*") + naive_parts(text) + ["many"] * shape.endswith("*")
    several = [] if value is None else [value] if isinstance(value, str) else value
    return any(naive_equal(parts, one) for one in several)


@given(st.sampled_from(sorted(MODIFIERS)), st.lists(texts, min_size=1, max_size=4), st.booleans(), rows)
def test_texts_mean_what_a_naive_reading_says(modifier: str, wanted: list[str], every: bool, row: dict[str, str | list[str]]) -> None:
    key = f"F{modifier}{'|all' if every else ''}"
    holds = compile_condition(to_condition(key, wanted))
    each = [naive_holds(modifier, text, row.get("F")) for text in wanted]
    assert holds(Row(row)) is (all(each) if every else any(each))


@given(texts, rows)
def test_cased_texts_mind_every_letter(wanted: str, row: dict[str, str | list[str]]) -> None:
    holds = compile_condition(to_condition("F|cased", wanted.replace("*", "").replace("?", "").replace("\\", "")))
    value = row.get("F", [])
    assert holds(Row(row)) is (wanted.replace("*", "").replace("?", "").replace("\\", "") in ([value] if isinstance(value, str) else value))


@given(texts, rows)
def test_keywords_are_contained_in_any_value(wanted: str, row: dict[str, str | list[str]]) -> None:
    holds = compile_condition(to_condition("|all", [wanted]))
    assert holds(Row(row)) is any(naive_holds("|contains", wanted, value) for value in row.values())


atoms = st.builds(lambda field, modifier, text: (field, modifier, text), st.sampled_from("FG"), st.sampled_from(sorted(MODIFIERS)), texts)
trees = st.recursive(
    atoms, lambda inner: st.tuples(st.sampled_from(["and", "or", "not"]), st.lists(inner, min_size=1, max_size=4)), max_leaves=8
)


def built(tree: tuple) -> Condition:
    match tree:
        case ("not", [first, *_]):
            return Negation(built(first))
        case (("and" | "or") as word, list(children)):
            return (AllOf if word == "and" else AnyOf)(tuple(built(child) for child in children))
        case (field, modifier, text):
            condition = to_condition(f"{field}{modifier}", text)
            assert isinstance(condition, Atom)
            return condition


def judged(tree: tuple, row: dict[str, str | list[str]]) -> bool:
    match tree:
        case ("not", [first, *_]):
            return not judged(first, row)
        case (("and" | "or") as word, list(children)):
            return (all if word == "and" else any)(judged(child, row) for child in children)
        case (field, modifier, text):
            return naive_holds(modifier, text, row.get(field))


@given(trees, rows)
def test_trees_of_conditions_mean_what_a_naive_reading_says(tree: tuple, row: dict[str, str | list[str]]) -> None:
    assert compile_condition(built(tree))(Row(row)) is judged(tree, row)

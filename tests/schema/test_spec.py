"""What a mapping may say of an attribute, and what it is told when it says something else."""

import pytest

from watchkeeper.schema.spec import Condition, Step, spec


def test_a_field_several_fields_and_words_are_read() -> None:
    assert spec("a", "x") == (Step(fields=("a",)),)
    assert spec(["a", {"value": 5}], "x") == (Step(fields=("a",)), Step(constant="5"))
    (step,) = spec({"from": "a", "values": {"YES": "Success", 0: None}, "other": None, "when": {"b": ["C*", True]}}, "x")
    assert (step.values, step.other) == ({"yes": "Success", "0": ""}, "")
    assert step.when == Condition((("b", ("c*", "true")),))


def test_a_template_names_its_fields() -> None:
    (step,) = spec({"template": r"{domain}\{user}"}, "x")
    assert list(step.natives()) == ["domain", "user"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (5, "place: expected a native field"),
        ({"form": "a"}, "place: 'form' is not known"),
        ({"from": "a", "as": "backwards"}, "place: 'backwards' is no transform"),
        ({"from": "a", "when": "b"}, "place: 'when' maps native fields"),
        ({"from": "a", "ties": "no"}, "place: 'ties' is true or false, got 'no'"),
    ],
)
def test_what_cannot_be_meant_is_named(written: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        spec(written, "place")

"""A case with something in every place of every noun, as one run would leave it, and the same case with hostile text in all of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from watchkeeper.model.incident import Case

WHOLE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>\"'>`{{7*7}}|[x](javascript:alert(1))"
    "\x00\x1b[31m\u202egnp.exe\u2066\u200b\ufeff\r\n# h1 ]]> <!-- &amp;"
)
CLOSED = {"code", "predicate", "kind", "level", "outcome", "decided_by", "step", "hypothesis"}
"""Fields of closed words, which no log can fill."""


def lengthened(value: object, text: str, field: str = "") -> object:
    """Add the text to every text that a log or a rule can fill."""
    match value:
        case str() if field not in CLOSED:
            return value + text
        case dict():
            return {key: lengthened(item, text, "" if field in {"arguments", "details"} else key) for key, item in value.items()}
        case tuple() | list():
            return [lengthened(item, text, field) for item in value]
        case _:
            return value


@pytest.fixture
def case() -> Case:
    return Case.model_validate_json(WHOLE.read_text("utf-8"))


@pytest.fixture
def hostile_case(case: Case) -> Case:
    return Case.model_validate(lengthened(case.model_dump(), HOSTILE))


@pytest.fixture
def plain_case(case: Case) -> Case:
    """The case with the same texts made longer as in the hostile one, by a harmless letter."""
    return Case.model_validate(lengthened(case.model_dump(), "x"))


@pytest.fixture(scope="session")
def filled() -> Callable[[str], Case]:
    """Give the case with a text added in every place that a log or a rule can fill."""
    whole = Case.model_validate_json(WHOLE.read_text("utf-8")).model_dump()
    return lambda text: Case.model_validate(lengthened(whole, text))

"""A case with something in every place of every noun, as one run would leave it, and the same case with hostile text in all of them."""

from pathlib import Path

import pytest

from watchkeeper.model.incident import Case
from watchkeeper.reporting.cited import Cited, cited
from watchkeeper.reporting.page import detailed

WHOLE = Path(__file__).parents[1] / "cases" / "reporting" / "whole" / "case.json"
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=document.title='owned'>\"'>`{{7*7}}|[x](javascript:alert(1))"
    "\x00\x1b[31m\u202egnp.exe\u2066\u200b\ufeff\r\n# h1 ]]> <!-- &amp;"
)
CLOSED = {"code", "predicate", "kind", "level", "outcome", "decided_by", "step", "hypothesis"}
"""Fields of closed words, which no log can fill."""


def poisoned(value: object, field: str = "") -> object:
    """Add the hostile text to every text that a log or a rule can fill."""
    match value:
        case str() if field not in CLOSED:
            return value + HOSTILE
        case dict():
            return {key: poisoned(item, "" if field in {"arguments", "details"} else key) for key, item in value.items()}
        case tuple() | list():
            return [poisoned(item, field) for item in value]
        case _:
            return value


@pytest.fixture
def case() -> Case:
    return Case.model_validate_json(WHOLE.read_text("utf-8"))


@pytest.fixture
def hostile_case(case: Case) -> Case:
    return Case.model_validate(poisoned(case.model_dump()))


@pytest.fixture
def evidence(case: Case) -> dict[str, Cited]:
    return {incident.id: cited(incident, None, None) for incident in detailed(case)}

"""Conditions: which facts they find, and that what was not asked holds."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from watchkeeper.autopilot.playbooks.holding import holds
from watchkeeper.model.condition import Condition, IncidentFacts
from watchkeeper.model.walked import Became

_READ: TypeAdapter[Condition] = TypeAdapter(Condition)
_BECAME = {"block": Became(outcome="verified"), "ask": Became(outcome="lapsed", answer="no")}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"fact": "outcome", "any": ["succeeded", "attempted"]}, True),
        ({"fact": "outcome", "any": ["blocked"]}, False),
        ({"fact": "hypothesis"}, True),
        ({"fact": "attack", "least": 0.9}, True),
        ({"fact": "attack", "least": 0.91}, False),
        ({"fact": "attack", "most": 0.5}, False),
        ({"fact": "level", "least": "medium"}, True),
        ({"fact": "level", "least": "critical"}, False),
        ({"fact": "level", "any": ["high"]}, True),
        ({"fact": "techniques", "any": ["T1059"]}, True),
        ({"fact": "techniques", "any": ["T1059.003", "T107"]}, False),
        ({"fact": "tactics", "any": ["impact"]}, False),
        ({"fact": "roles"}, True),
        ({"fact": "roles", "beyond": ["workstation"]}, False),
        ({"fact": "tactics", "beyond": ["execution"]}, True),
        ({"fact": "protected"}, False),
        ({"fact": "off_hours"}, True),
        ({"fact": "attackers"}, True),
        ({"fact": "hosts", "least": 2}, False),
        ({"step": "block", "became": ["verified"]}, True),
        ({"step": "block", "became": ["ineffective"]}, False),
        ({"step": "block"}, True),
        ({"step": "not-yet"}, False),
        ({"step": "ask", "answered": ["no"]}, True),
        ({"step": "ask", "became": ["answered"], "answered": ["no"]}, False),
        ({"every": []}, True),
        ({"every": [{"fact": "off_hours"}, {"fact": "protected"}]}, False),
        ({"some": [{"fact": "off_hours"}, {"fact": "protected"}]}, True),
        ({"none": [{"fact": "protected"}, {"fact": "synthetic"}]}, True),
    ],
)
def test_a_condition_holds_of_what_it_says(told: dict[str, Any], expected: bool, facts: IncidentFacts) -> None:
    assert holds(_READ.validate_python(told), facts, _BECAME) is expected


@pytest.mark.parametrize(
    "told",
    [
        {"fact": "no-such"},
        {"fact": "protected", "any": ["yes"]},
        {"fact": "outcome", "least": 1},
        {"fact": "level", "least": 3},
        {"fact": "attack", "least": "high"},
        {"fact": "level", "most": 3},
        {"some": []},
        {"fact": "roles", "any": ["mail"], "beyond": ["mail"]},
        {"fact": "hosts", "beyond": ["mail"]},
        {"fact": "outcome", "step": "block"},
        "__import__('os')",
    ],
)
def test_what_is_no_condition_is_refused(told: object) -> None:
    with pytest.raises(ValidationError):
        _READ.validate_python(told)

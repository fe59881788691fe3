"""Tactics have one spelling, one order and a name in every language."""

import pytest

from watchkeeper.attack import TACTICS, tactic, tactic_name
from watchkeeper.model.language import LANGUAGES


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Credential_Access", "credential-access"),
        ("Command and Control", "command-and-control"),
        ("defense-evasion", "stealth"),
        ("made-up", "made-up"),
    ],
)
def test_a_tactic_is_recognised_however_it_is_written(written: str, meant: str) -> None:
    assert tactic(written) == meant


def test_the_story_runs_from_reconnaissance_to_impact() -> None:
    assert TACTICS[0] == "reconnaissance"
    assert TACTICS[-1] == "impact"
    assert TACTICS.index("initial-access") < TACTICS.index("credential-access") < TACTICS.index("lateral-movement")
    assert len(set(TACTICS)) == 15


def test_every_tactic_has_a_name_of_its_own_in_every_language() -> None:
    for language in LANGUAGES:
        assert len({tactic_name(short, language) for short in TACTICS} - set(TACTICS)) == len(TACTICS)


def test_an_unknown_tactic_is_shown_as_written() -> None:
    assert tactic_name("Made up", "zh") == "Made up"

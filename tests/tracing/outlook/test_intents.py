"""Intent is the latest tactics with what speaks for each."""

from collections.abc import Callable

from watchkeeper.model.incident import Incident
from watchkeeper.tracing.outlook.intents import intents, stage


def test_the_latest_tactics_come_first_with_their_counts(incident: Callable[..., Incident]) -> None:
    given = incident(("T1003.001", "T1486"), ("execution", "discovery", "credential-access", "impact"), ("one", "two"))
    found = intents(given, given.techniques)
    assert [(one.tactic, one.techniques) for one in found] == [
        ("impact", ("T1486",)),
        ("discovery", ()),
        ("credential-access", ("T1003.001",)),
    ]
    assert [(one.folds, one.signals) for one in found] == [(2, 6)] * 3


def test_former_names_of_tactics_and_unknown_ones(incident: Callable[..., Incident]) -> None:
    given = incident((), ("Defense_Evasion", "no such tactic"))
    assert stage(given) == "stealth"
    assert [one.tactic for one in intents(given, ())] == ["stealth"]
    assert stage(incident(())) == ""

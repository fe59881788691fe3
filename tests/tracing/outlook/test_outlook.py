"""What is told of an incident, and what is said to be missing."""

from collections.abc import Callable

from watchkeeper.attack import Catalogue
from watchkeeper.model.incident import Incident
from watchkeeper.tracing.outlook import Watching, look_ahead


def unwatched(_: str) -> Watching:
    return Watching(0, ())


def test_without_a_catalogue_only_intent_is_told_and_how_to_get_the_rest(incident: Callable[..., Incident]) -> None:
    found = look_ahead(incident(("T1003.001",), ("credential-access",)), None, unwatched)
    assert (found.comparison, found.following, [one.tactic for one in found.intents]) == (None, None, ["credential-access"])
    assert [note.code for note in found.why] == ["ahead.no-catalogue"]


def test_what_cannot_be_said_is_said_to_be_so(incident: Callable[..., Incident], catalogue: Catalogue) -> None:
    found = look_ahead(incident(("T1003.001",), ()), catalogue, unwatched)
    assert [note.code for note in found.why] == ["ahead.too-few", "ahead.nothing-later"]


def test_techniques_count_once_by_their_ids_today(incident: Callable[..., Incident], catalogue: Catalogue) -> None:
    found = look_ahead(incident(("T1086", "T1059.001", "t1003.001"), ("execution",)), catalogue, unwatched)
    assert found.why[0].arguments["count"] == "2"
    assert found.following is not None
    assert found.catalogue == "18.1"


def test_the_same_incident_and_catalogue_give_the_same_outlook(incident: Callable[..., Incident], catalogue: Catalogue) -> None:
    given = incident(("T1003.001", "T1490", "T1105"), ("credential-access",), ("Mimikatz Use",))
    assert look_ahead(given, catalogue, unwatched) == look_ahead(given, catalogue, unwatched)

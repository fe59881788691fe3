"""A session is looked at as an incident is."""

from datetime import UTC, datetime

from watchkeeper.model.fold import Fold, Session
from watchkeeper.model.incident import Incident
from watchkeeper.triage.seen import of_incident, of_session

NOW = datetime(2025, 5, 5, tzinfo=UTC)


def _fold(name: str, techniques: tuple[str, ...], tactics: tuple[str, ...]) -> Fold:
    return Fold(
        id=name, session="s", rule=name, title=name, level="low", host="h", user="", first=NOW, last=NOW, count=1, exemplars=(),
        novelty=1.0, techniques=techniques, tactics=tactics, why=(),
    )  # fmt: skip


FOLDS = (_fold("a", ("T1003",), ("credential-access", "own-word")), _fold("b", ("T1059", "T1003"), ("execution",)))


def test_a_session_has_the_techniques_and_tactics_of_its_folds_in_their_order() -> None:
    session = Session(id="s", host="h", start=NOW, end=NOW, folds=("a", "b"), score=2.0, incident=None, shown=False, why=())
    seen = of_session(session, FOLDS)
    assert (seen.about, seen.score, seen.hosts, seen.folds) == ("session", 2.0, ("h",), FOLDS)
    assert seen.techniques == ("T1003", "T1059"), "the most frequent first"
    assert seen.tactics == ("execution", "credential-access", "own-word"), "in the usual order of an attack, unknown ones last"
    assert of_session(session.model_copy(update={"host": ""}), FOLDS).hosts == ()


def test_an_incident_is_taken_as_it_is() -> None:
    incident = Incident(
        id="i", rank=1, title="t", level="low", score=3.0, start=NOW, end=NOW, sessions=("s",), folds=FOLDS, hosts=("h", "g"), entities=(),
        techniques=("T1059",), tactics=("execution",), why=(), shown=True,
    )  # fmt: skip
    seen = of_incident(incident)
    assert (seen.about, seen.score, seen.hosts, seen.techniques, seen.tactics) == ("incident", 3.0, ("h", "g"), ("T1059",), ("execution",))

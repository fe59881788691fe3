"""The four questions are always answered, if only by saying that they cannot be."""

from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.language import LANGUAGES
from watchkeeper.reporting import say
from watchkeeper.reporting.questions import MOST, answers


def headlines(incident: Incident, case: Case) -> list[str]:
    return [say(answer.headline, "en") for answer in answers(incident, case.incidents, "en")]


def test_a_traced_and_judged_incident_is_answered_from_its_results(case: Case) -> None:
    origin, success, response, elsewhere = headlines(case.incidents[0], case)
    assert "Rechnung_März.docm" in origin
    assert success == "It succeeded (90% sure)."
    assert response == "Suggested actions: 3. Executed so far: 0."
    assert "ws11, ws12" in elsewhere


def test_steps_that_failed_are_said_to_have_failed(case: Case) -> None:
    assert headlines(case.incidents[1], case) == [
        "Tracing could not be done.",
        "It could not be judged.",
        "No plan could be made.",
        "Other telemetry could not be searched.",
    ]


def test_a_related_incident_is_named(case: Case) -> None:
    facts = [say(fact, "en") for fact in answers(case.incidents[0], case.incidents, "en")[3].facts]
    assert any("Many failed logons" in fact for fact in facts)


def test_an_attempt_without_traces_elsewhere_reads_so(case: Case) -> None:
    whole = case.incidents[0]
    assert whole.watchlist
    assert whole.verdict
    assert whole.plan
    quiet = whole.model_copy(update={
        "watchlist": whole.watchlist.model_copy(update={"items": whole.watchlist.items[1:]}),
        "verdict": whole.verdict.model_copy(update={"outcome": "attempted"}),
        "plan": whole.plan.model_copy(update={"actions": (), "manual": ()}),
        "impact": None,
    })  # fmt: skip
    _, success, response, elsewhere = headlines(quiet, case)
    assert success.startswith("It was attempted")
    assert response.startswith("Nothing needs to be done")
    assert elsewhere.startswith("Nothing of the attacker's")


def test_every_answer_has_words_in_every_language_and_few_facts(case: Case) -> None:
    for language in LANGUAGES:
        for incident in case.incidents:
            for answer in answers(incident, case.incidents, language):
                assert not say(answer.headline, language).startswith("[")
                assert len(answer.facts) <= MOST

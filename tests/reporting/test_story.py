from datetime import UTC, datetime, timedelta

from watchkeeper.model.claim import Claim
from watchkeeper.model.evidence import Evidence
from watchkeeper.model.incident import Case
from watchkeeper.reporting.cited import cited
from watchkeeper.reporting.markdown import markdown
from watchkeeper.reporting.page import page
from watchkeeper.reporting.story import opening, phases

NINE = datetime(2024, 3, 5, 9, tzinfo=UTC)


def claim(minute: int, tactic: str = "", count: str = "") -> Claim:
    time = NINE + timedelta(minutes=minute)
    said = {"image": "a.exe", "file": f"C:\\{minute}", "host": "ws7"} | ({"count": count} if count else {})
    evidence = (Evidence(event_id=f"e{minute}", time=time),)
    return Claim(predicate="file.written", arguments=said, evidence=evidence, time=time, host="ws7", tactic=tactic)


STORY = (
    claim(0),
    claim(1, "execution"),
    claim(2),
    claim(3, "credential-access"),
    claim(4, "impact"),
    claim(5, "impact", "24"),
    claim(6, "discovery"),
)


def test_what_follows_with_one_tactic_is_one_phase_and_nothing_is_lost_or_moved() -> None:
    found = phases(STORY)
    assert [phase.tactic for phase in found] == ["", "execution", "credential-access", "impact", "discovery"]
    assert [len(phase.claims) for phase in found] == [1, 2, 1, 2, 1]
    assert tuple(told for phase in found for told in phase.claims) == STORY


def test_the_opening_is_the_entry_a_step_and_the_furthest_effect(case: Case) -> None:
    trace = next(incident.trace for incident in case.incidents if incident.trace)
    found = opening(trace.model_copy(update={"story": STORY, "entry": None}))
    assert [part.claim for part in found] == [STORY[0], STORY[3], STORY[5]]
    assert [part.lead.code.rpartition(".")[2] for part in found] == ["entry", "step", "effect"]
    assert opening(trace.model_copy(update={"story": ()})) == ()
    assert [part.claim for part in opening(trace.model_copy(update={"story": STORY[:1]}))] == [STORY[0]]


def test_what_was_dropped_and_why_stands_in_both_reports(case: Case) -> None:
    shown = [incident for incident in case.incidents if incident.shown and incident.trace and incident.trace.dropped_claims]
    assert shown
    tables = {incident.id: cited(incident, None, None) for incident in case.incidents}
    for text in (page(case, "en", tables), markdown(case, "en", tables)):
        assert "left out because their events do not bear them out" in text
        assert "is of a kind that cannot show" in text

"""What each sentence of a story adds is what its events show, and nothing twice."""

from datetime import timedelta

from watchkeeper.model.incident import Case
from watchkeeper.reporting.steps import steps


def test_every_sentence_is_a_step_with_its_pause_and_handles(case: Case) -> None:
    trace = case.incidents[0].trace
    assert trace
    cited = [item.event_id for claim in trace.story for item in claim.evidence]
    found = steps(trace, {cited[0]: 7})
    assert [step.claim for step in found] == list(trace.story)
    assert found[0].evidence[0] == "E7"
    assert {handle for step in found for handle in step.evidence} - {"E7"} == set(cited[1:]) - {cited[0]}
    timed = [step for step in found if step.pause is not None]
    whole = sum((step.pause for step in timed if step.pause), timedelta())
    assert found[0].pause is None
    assert trace.story[-1].time
    assert trace.story[0].time
    assert whole == trace.story[-1].time - trace.story[0].time


def test_a_node_and_a_host_are_new_once_and_only_with_an_event_that_shows_them(case: Case) -> None:
    trace = case.incidents[0].trace
    assert trace
    found = steps(trace, {})
    new = [node.id for step in found for node in step.new]
    assert new
    assert len(new) == len(set(new)) == found[-1].known
    entered = [step.enters for step in found if step.enters]
    assert len(entered) == len(set(entered)) == len({claim.host for claim in trace.story if claim.host})
    for step in found:
        ends = {
            name
            for edge in trace.edges
            if set(edge.evidence) & {item.event_id for item in step.claim.evidence}
            for name in (edge.source, edge.target)
        }
        assert {node.id for node in step.new} <= ends

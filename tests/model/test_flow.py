"""A flow's stages: the same step stands once, and what failed is never dropped."""

from datetime import UTC, datetime

from watchkeeper.model.flow import MOST_STAGES, Flow, Stage
from watchkeeper.model.note import Note
from watchkeeper.model.notice import Failure

NOW = datetime(2026, 3, 2, tzinfo=UTC)
EMPTY = Flow(incident="i1", state="walking", number=1, core="", begun=NOW, changed=NOW)


def stage(key: str, failure: str = "", tried: int = 1) -> Stage:
    failed = Failure(step="respond", tried="x", error=failure) if failure else None
    return Stage(key=key, operation="respond", time=NOW, said=Note(code="walked.adopted"), tried=tried, failure=failed)


def test_a_step_that_is_done_again_stands_in_its_place() -> None:
    flow = EMPTY.with_stage(stage("a", "down")).with_stage(stage("b")).with_stage(stage("a", tried=2))
    assert [(one.key, one.tried) for one in flow.stages] == [("a", 2), ("b", 1)]
    assert flow.failures == ()


def test_of_too_many_the_oldest_without_a_failure_goes_and_is_counted() -> None:
    flow = EMPTY.with_stage(stage("first", "down"))
    for number in range(MOST_STAGES + 5):
        flow = flow.with_stage(stage(str(number)))
    assert (len(flow.stages), flow.dropped) == (MOST_STAGES, 6)
    assert flow.stages[0].key == "first"
    assert [failure.error for failure in flow.failures] == ["down"]

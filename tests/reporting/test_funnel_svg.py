"""The funnel counts every stage and never hides one."""

from watchkeeper.model.incident import Case
from watchkeeper.reporting.funnel_svg import funnel_svg, stages


def test_every_stage_is_counted(case: Case) -> None:
    counted = dict(stages(case))
    assert counted == {"events": 79_213, "signals": 1_204, "folds": 96, "sessions": 39, "shown": 1, "incidents": 3}
    picture = funnel_svg(case, "en")
    assert all(text in picture for text in ("79,213", "1,204", "sessions"))


def test_an_empty_case_has_a_funnel(case: Case) -> None:
    empty = case.model_copy(update={"events": 0, "signals": 0, "folds": 0, "sessions": (), "incidents": ()})
    assert "<svg" in funnel_svg(empty, "zh")

"""Figures read as people read them; what is unknown is called so."""

import pytest

from watchkeeper.model.metrics import Metric
from watchkeeper.reporting.figured import asked_by, elapsed, figured


@pytest.mark.parametrize(
    ("value", "unit", "said"), [(None, "actions", "unknown"), (0, "actions", "0"), (0.996, "share", ">99%"), (75, "seconds", "1 min 15 s")]
)
def test_a_figure_is_written_by_its_unit(value: float | None, unit: str, said: str) -> None:
    assert figured(Metric.model_validate({"name": "open", "value": value, "unit": unit, "over": 0, "how": "x"}), "en") == said


def test_before_and_after_and_who_asked_are_said() -> None:
    assert (elapsed(61, "en"), elapsed(-5, "zh")) == ("1 min 1 s later", "提前 5 秒")
    assert (asked_by("playbook:intrusion", "en"), asked_by("<b>", "en")) == ("playbook intrusion", "<b>")

"""Techniques stand under their tactics, in today's ids."""

from watchkeeper.attack import TACTICS
from watchkeeper.model.incident import Case
from watchkeeper.reporting.matrix import cells, columns


def test_techniques_stand_under_the_tactics_that_were_seen(case: Case) -> None:
    placed = {column.tactic: [cell.id for cell in column.cells] for column in columns(case.incidents[0])}
    assert list(placed) == [*TACTICS, ""]
    assert placed["defense-impairment"] == ["T1685"]
    assert placed["credential-access"] == ["T1003.001"]
    assert placed[""] == ["T9999"]


def test_support_is_counted_from_folds(case: Case) -> None:
    found = {cell.id: cell for cell in cells(case.incidents[0])}
    assert (found["T1135"].folds, found["T1135"].signals) == (1, 24)
    assert (found["T1685"].name, found["T1685"].signals) == ("Disable or Modify Tools", 1)
    assert (found["T9999"].name, found["T9999"].folds) == ("", 0)

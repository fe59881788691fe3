"""Rows: folded copies and the text of everything."""

from watchkeeper.detection.sigma.row import BETWEEN, Row


def test_values_are_folded_and_kept_as_written() -> None:
    row = Row({"F": "Ab", "G": ["C", "d"]})
    assert row.written == {"F": "Ab", "G": ["C", "d"]}
    assert row.folded == {"F": "ab", "G": ["c", "d"]}


def test_only_wanted_fields_are_folded() -> None:
    assert Row({"F": "Ab", "G": "C"}, wanted={"G", "H"}).folded == {"G": "c"}


def test_derived_fields_are_looked_at_by_name_and_not_by_keywords() -> None:
    row = Row({"F": "Ab", "G": ["C", "d"]}, {"H": "X"})
    assert row.folded["H"] == "x"
    assert row.everything == BETWEEN.join(["ab", "c", "d"])

"""The formats of `content/records`: that they are well made, and what a mark asks for."""

import pytest

from watchkeeper.content import folder
from watchkeeper.ingest.record_format import MAX_MARK_CHARS, RecordFormat, formats, found_at


def _format(*marks: dict[str, str], service: str = "audit") -> RecordFormat:
    return RecordFormat(name="x", about="", product="x", service=service, marks=list(marks), time=[])


def test_every_file_is_a_format_called_like_it() -> None:
    assert [known.name for known in formats()] == sorted(path.stem for path in folder("records").glob("*.yml"))
    for known in formats():
        assert known.marks, known.name
        assert all(len(mark) > 1 or any("." in path for path in mark) for mark in known.marks), f"{known.name}: one name marks no product"
        assert known.about.endswith("."), known.name


def test_one_mark_must_be_there_whole() -> None:
    known = _format({"a": "", "b.c": "^x"}, {"d": ""})
    assert known.fits({"a": 1, "b": {"c": "xy"}})
    assert known.fits({"a": 1, "b.c": "xy"})
    assert known.fits({"d": []})
    assert not known.fits({"a": 1, "b": {"c": "yx"}})
    assert not known.fits({"a": 1, "b": "c"})
    assert not known.fits({"d": None})


def test_a_pattern_asks_for_text_and_reads_its_beginning_alone() -> None:
    known = _format({"a": "x$"})
    assert not known.fits({"a": {"x": "x"}})
    assert not known.fits({"a": ["x"]})
    assert known.fits({"a": "x"})
    assert not known.fits({"a": "y" * MAX_MARK_CHARS + "x"})


def test_a_service_may_be_what_the_record_says() -> None:
    known = _format({"a": ""}, service="workspace.{id.app}")
    assert known.service_of({"id": {"app": "admin"}}) == "workspace.admin"
    assert known.service_of({"id": {"app": ["x"]}}) == "workspace"
    assert _format({"a": ""}).service_of({}) == "audit"


@pytest.mark.parametrize(("path", "found"), [("a.b", 1), ("c.d", 2), ("a.x", None), ("a.b.c", None)])
def test_a_path_leads_through_objects_or_is_a_name(path: str, found: object) -> None:
    assert found_at({"a": {"b": 1}, "c.d": 2}, path) == found

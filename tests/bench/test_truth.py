"""What attackers did, as written down: every file is of the shape, citations that don't fit are found, and the product never reads any."""

from pathlib import Path

import pytest
from truth import Cited, Truth, counts, fits, problems, truths

SOURCE = Path(__file__).parents[2] / "src"
EXAMPLE = {
    "set": "compound/made",
    "techniques": ["T1033"],
    "hosts": ["made"],
    "entry": 1,
    "steps": [
        {"command": "options", "not_logged": "changes the attacker's console only"},
        {"command": "whoami", "means": "asks", "events": [{"file": "made.json", "row": 0, "what": "sysmon 1 whoami.exe"}]},
    ],
}
WHOAMI = (
    '{"Channel": "Microsoft-Windows-Sysmon/Operational", "EventID": 1, "@timestamp": "2023-08-15T09:53:59.757Z", "Image": "whoami.exe"}\n'
)


def test_every_file_is_of_the_shape_and_cites_each_set_once() -> None:
    told = truths()
    assert counts(told)["logged"] > 0
    assert len({truth.set for truth in told}) == len(told)


def test_the_product_names_no_truth() -> None:
    assert [path for path in SOURCE.rglob("*.py") if "bench/truth" in path.read_text("utf-8")] == []


@pytest.mark.parametrize(
    "change",
    [
        {"entry": 0},
        {"entry": 2},
        {"steps": [{"command": "whoami"}]},
        {"steps": [], "entry": "before"},
        {"lateral": [{"from": "made", "to": "other", "step": 2}]},
        {"unknown": 1},
    ],
)
def test_what_contradicts_itself_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"made|unknown|whoami"):
        Truth.model_validate(EXAMPLE | change)


def test_rows_that_are_missing_or_of_another_kind_are_named(tmp_path: Path) -> None:
    place = tmp_path / "otrf" / "compound" / "made"
    place.mkdir(parents=True)
    (place / "made.json").write_text(WHOAMI, "utf-8")
    told = Truth.model_validate(EXAMPLE)
    assert list(problems(told, tmp_path)) == []
    (place / "made.json").write_text(WHOAMI.replace('"EventID": 1', '"EventID": 3'), "utf-8")
    assert len([line for line in problems(told, tmp_path) if "is not 'sysmon 1 whoami.exe'" in line]) == 1
    (place / "made.json").write_text(WHOAMI, "utf-8")
    elsewhere = told.model_copy(
        update={"steps": (told.steps[1].model_copy(update={"events": (Cited(file="made.json", row=7, what="sysmon 1"),)}),)}
    )
    assert list(problems(elsewhere, tmp_path)) == ["made: 'made.json' has no row 7"]


def test_kinds_of_other_logs_are_compared_too() -> None:
    assert fits(Cited(file="http.log", row=0, what="zeek http get"), {})
    assert not fits(Cited(file="conn.log", row=0, what="zeek http get"), {})
    assert fits(Cited(file="audit.log", row=0, what="auditd execve whoami"), {"type": "EXECVE"})
    assert not fits(Cited(file="made.json", row=0, what="security 4688"), {"Channel": "System", "EventID": "4688"})


@pytest.mark.slow
def test_every_cited_event_is_in_the_record(data: Path) -> None:
    assert [line for truth in truths() for line in problems(truth, data)] == []

"""Events in the view that a person asks for."""

import json
from pathlib import Path

import pytest

from watchkeeper.autopilot.show import VIEWS, show
from watchkeeper.model.sourceread import SourceRead

LINES = [
    {"_path": "dns", "ts": 1700000000.0 + number, "uid": f"C{number}", "id.orig_h": "10.0.0.7", "query": f"a{number}.example"}
    for number in range(5)
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "dns.log"
    path.write_text("".join(json.dumps(line) + "\n" for line in LINES) + "no JSON\n", "utf-8")
    return path


def test_an_event_is_shown_in_each_view(log: Path) -> None:
    first = {how: next(item for item in show([log], how) if not isinstance(item, SourceRead)) for how in VIEWS}
    assert first["ocsf"]["query"] == {"hostname": "a0.example"}
    assert first["ecs"]["dns.question.name"] == "a0.example"
    assert (first["native"]["query"], first["native"]["_service"]) == ("a0.example", "dns")
    assert {event["_id"] for event in first.values()} == {first["ocsf"]["_id"]}


@pytest.mark.parametrize(("limit", "events"), [(None, 5), (2, 2), (9, 5)])
def test_no_more_is_shown_than_was_asked_for(log: Path, limit: int | None, events: int) -> None:
    assert sum(not isinstance(item, SourceRead) for item in show([log], "ecs", limit)) == events


def test_what_was_skipped_is_told(log: Path) -> None:
    (read,) = (item for item in show([log], "ocsf") if isinstance(item, SourceRead))
    assert (read.events, sum(read.skipped.values())) == (5, 1)

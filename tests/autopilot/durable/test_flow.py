"""Killed with signal 9 wherever it is, a flow has each effect exactly once; and what else may befall a flow between two lives."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.autopilot.durable.conftest import told
from tests.conftest import Cluster

REPOSITORY = Path(__file__).parents[3]
STEPS = 14
"""Results that the flow of these cases keeps; a test below says so."""
BEFORE = [f"before {which}" for which in range(1, STEPS + 1)]
POINTS = [*BEFORE, *(f"after {which}" for which in range(6, STEPS + 1)), "waiting", "before-effect", "after-effect"]
"""Before and after each result; the first five are of one kind."""
TAMPERED = {
    "input": "UPDATE workflow_input SET inputs = replace(inputs, 'i1', 'i2')",
    "pickle": "UPDATE workflow_input SET inputs = 'gASVBQAAAAAAAABdlEsBYS4='; UPDATE workflow_status SET serialization = 'py_pickle'",
    "unsigned": "UPDATE operation_outputs SET "
    "serialization = 'portable_json', output = '{\"told\":{},\"failed\":false}' WHERE function_id = 7",
    "result": "UPDATE operation_outputs SET output = replace(output, 'block', 'other') WHERE function_name = 'respond chosen'",
    "moved": "UPDATE operation_outputs SET output = (SELECT output FROM operation_outputs WHERE function_name = 'warn adopted') "
    "WHERE function_name = 'triage adopted'",
}
"""What somebody who can write to the database of flows, and has no key, does while a flow waits."""


def lives(cases: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Let cases live, each twice; give what came of them."""
    path = folder / "cases.json"
    path.write_text(json.dumps(cases), "utf-8")
    program = [sys.executable, "-m", "tests.autopilot.durable.killed", str(path)]
    done = subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    came: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    assert [case["point"] for case in came if case["rc"]] == [], done.stderr[-4_000:]
    return came


def cases(wanted: list[dict[str, Any]], folder: Path, cluster: Cluster | None = None) -> list[dict[str, Any]]:
    """Give cases that begin in the same state each: an incident that needs a flow, and everything set up."""
    template = folder / "template"
    place = cluster.copied() if cluster else str(template)
    lives([{"point": "template", "state": str(template), "place": place}], folder)
    made = [{**case, "state": str(folder / f"{number}-{case['point'].replace(' ', '-')}")} for number, case in enumerate(wanted)]
    for case in made:
        shutil.copytree(template, case["state"])
    return [{**case, "place": cluster.copied(place) if cluster else case["state"]} for case in made]


def assert_once(came: list[dict[str, Any]], count: int) -> None:
    assert len(came) == count
    for case in came:
        found = told(Path(case["state"]))
        assert (found["state"], found["does"], found["undoes"], found["actions"]) == ("done", 1, 0, ["verified"]), (case["point"], found)
        assert found["failures"] == [], (case["point"], found)


@pytest.fixture(scope="module")
def between(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of flows to which something happened between two lives, while they waited."""
    wanted = [
        {"name": "nothing", "point": "none"},
        {"name": "upgrade", "point": "waiting", "shape": "shape-2"},
        {"name": "takeover", "point": "waiting", "executor": "another"},
        *({"name": name, "point": "waiting", "between": sql} for name, sql in TAMPERED.items()),
    ]
    folder = tmp_path_factory.mktemp("between")
    return {case["name"]: told(Path(case["state"])) for case in lives(cases(wanted, folder), folder)}


def test_the_steps_of_a_flow_are_those_of_its_shape(between: dict[str, Any]) -> None:
    """Who changes these raises SHAPE in `carrier`, so that flows that wait over the upgrade are begun again and not gone on with."""
    found = between["nothing"]
    assert found["stages"] == ["adopted"] * 5 + ["chosen", "proposed", "acted", "looked", "looked", "verified", "reported"]
    assert found["kept"] <= STEPS


def test_an_upgrade_to_another_shape_loses_no_flow_that_waits(between: dict[str, Any]) -> None:
    found = between["upgrade"]
    assert (found["state"], found["number"], found["does"], found["actions"]) == ("done", 2, 1, ["verified"])
    assert found["log"] == ["flows_begun_again"]


def test_another_executor_goes_on_with_what_a_dead_one_left(between: dict[str, Any]) -> None:
    found = between["takeover"]
    assert (found["state"], found["number"], found["does"], found["actions"]) == ("done", 1, 1, ["verified"])
    assert found["log"] == ["flows_taken_over"]


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_refused_and_shown_and_the_flow_begun_again(what: str, between: dict[str, Any]) -> None:
    found = between[what]
    assert (found["state"], found["number"], found["does"], found["actions"]) == ("done", 2, 1, ["verified"])
    assert found["log"] == ["flow_refused"]
    assert len(found["failures"]) == 1
    assert "not used" in found["failures"][0]


@pytest.mark.slow
def test_killed_anywhere_each_effect_comes_exactly_once(tmp_path: Path) -> None:
    assert_once(lives(cases([{"point": point} for point in POINTS], tmp_path), tmp_path), len(POINTS))


@pytest.mark.slow
def test_killed_anywhere_each_effect_comes_exactly_once_in_postgresql(postgres: Cluster, tmp_path: Path) -> None:
    points = [*BEFORE[4:], "waiting", "before-effect", "after-effect"]
    assert_once(lives(cases([{"point": point} for point in points], tmp_path, postgres), tmp_path), len(points))

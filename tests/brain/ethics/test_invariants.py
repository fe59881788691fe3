"""The invariants against an adversary, judged by an oracle that does not know them; and each one switched off, which it has to notice."""

import ast
import os
from pathlib import Path
from typing import Any

import pytest
from tests.brain.ethics.adversary import Run
from tests.brain.ethics.conftest import MemoryLedger
from tests.brain.ethics.kept import emptied
from tests.brain.ethics.mutations import BESIDE, NOTICED, SEARCHED, noticed
from tests.brain.ethics.safety import STEPS, runs

import watchkeeper
from watchkeeper.brain.ethics.invariants import INVARIANTS
from watchkeeper.brain.ethics.ledger import Ledger, RecordsWanted
from watchkeeper.model.noun import Noun

SOURCE = Path(watchkeeper.__file__).parent
KEPT_RUNS = int(os.environ.get("WATCHKEEPER_SAFETY_KEPT_RUNS", "100"))
IS_WHOLE = "WATCHKEEPER_SAFETY_MUTATIONS" in os.environ
"""Whether runs are searched that notice an invariant to be off, and not only those taken that are known to."""


def test_a_thousand_runs_of_an_adversary_violate_nothing() -> None:
    _, done, violations, told = runs(range(1_000))
    assert (violations, told) == ({}, [])
    assert done > 600, "an adversary that gets nothing done tries nothing"


def test_every_invariant_is_switched_off_somewhere() -> None:
    assert {*NOTICED, *BESIDE} == {one.name for one in INVARIANTS}


@pytest.mark.parametrize("off", NOTICED)
def test_the_oracle_notices_when_an_invariant_is_switched_off(off: str) -> None:
    assert noticed(off, range(SEARCHED) if IS_WHOLE else (NOTICED[off],)), "`python -m tests.brain.ethics.mutations` finds other runs"


@pytest.mark.slow
def test_the_ledger_of_the_store_and_one_in_memory_come_to_the_same() -> None:
    with emptied() as (ledger, verified):
        for seed in range(KEPT_RUNS):
            kept, told = came_to(seed, ledger()), came_to(seed, MemoryLedger())
            assert kept == told, f"seed {seed}"
            assert kept["violations"] == [], f"seed {seed}"
        assert verified() is None


def came_to(seed: int, ledger: Ledger) -> dict[str, Any]:
    """Run the adversary and give everything that came of it, but for names that are made up anew each time."""
    run = Run(seed, ledger)
    violations = run.go(STEPS).told
    with ledger.alone() as kept:
        return {
            "violations": violations,
            "records": plain(kept.records(RecordsWanted(most=5_000)), held_by=""),
            "levels": plain(kept.levels()),
            "changes": plain(kept.changes(), id=""),
            "brakes": plain(kept.brakes()),
            "done": [job.key for job in run.world.place.done],
            "taken back": [job.key for job in run.world.place.undone],
        }


def plain(nouns: tuple[Noun, ...], **without: str) -> list[str]:
    return [one.model_copy(update=without).model_dump_json() for one in nouns]


def test_places_are_used_in_one_module_alone() -> None:
    users = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if _uses_means(path)}
    assert users == {"brain/ethics/acting.py"}


def _uses_means(path: Path) -> bool:
    calls = (node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    return any(
        isinstance(called, ast.Attribute) and called.attr in ("do", "undo") and "means" in ast.unparse(called.value).lower()
        for called in calls
    )


def test_what_a_person_took_back_is_not_done_again_though_its_place_does_not_answer() -> None:
    oracle = Run(34819, MemoryLedger()).go(25)
    assert oracle.told == []

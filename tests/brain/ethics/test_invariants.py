"""The invariants against an adversary, judged by an oracle that does not know them; and each one switched off, which it has to notice."""

import ast
from pathlib import Path

import pytest
from tests.brain.ethics.adversary import Run
from tests.brain.ethics.conftest import MemoryLedger
from tests.brain.ethics.safety import runs

import watchkeeper
from watchkeeper.brain.ethics import ruling
from watchkeeper.brain.ethics.invariants import INVARIANTS

SOURCE = Path(watchkeeper.__file__).parent

BESIDE = {"in_catalogue", "has_means", "is_news", "says_who_asks"}
"""What something else holds up, too: without traits or means nothing is done; the last two harm nobody by themselves."""


def test_a_thousand_runs_of_an_adversary_violate_nothing() -> None:
    _, done, violations, told = runs(range(1_000))
    assert (violations, told) == ({}, [])
    assert done > 300, "an adversary that gets nothing done tries nothing"


@pytest.mark.slow
@pytest.mark.parametrize("off", [one.name for one in INVARIANTS if one.name not in BESIDE])
def test_the_oracle_notices_when_an_invariant_is_switched_off(off: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ruling, "INVARIANTS", tuple(one for one in INVARIANTS if one.name != off))
    found = (Run(seed, MemoryLedger()).go(25).violations for seed in range(1_000))
    assert any(found), f"nothing was noticed in 1,000 runs without {off!r}"


def test_places_are_used_in_one_module_alone() -> None:
    users = {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if _uses_means(path)}
    assert users == {"brain/ethics/acting.py"}


def _uses_means(path: Path) -> bool:
    calls = (node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    return any(
        isinstance(called, ast.Attribute) and called.attr in ("do", "undo") and "means" in ast.unparse(called.value).lower()
        for called in calls
    )

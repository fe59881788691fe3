"""A catalogue as small as can be, and an incident with given techniques and titles."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from watchkeeper.attack import Catalogue, Known
from watchkeeper.model.fold import Fold
from watchkeeper.model.incident import Case, Incident

WHOLE = Path(__file__).parents[2] / "cases" / "reporting" / "whole" / "case.json"
BIRDS = {
    "Larks": (("T1003.001", "T1490", "T1486"), ("S0002",)),
    "Owls": (("T1003.001", "T1047"), ("S0002",)),
    "Crows": (("T1047", "T1105"), ()),
    "Gulls": (("T1105",), ()),
}


@pytest.fixture
def catalogue() -> Catalogue:
    """Four groups: what one of them alone uses is `T1490` and `T1486`, what half of them use is `T1003.001` and `S0002`."""
    groups = tuple(Known(f"G900{at}", name, (), *uses) for at, (name, uses) in enumerate(BIRDS.items()))
    software = (
        Known("S0002", "Mimikatz"), Known("S0039", "Net", ("net.exe",)), Known("S0543", "Spark"), Known("S0154", "Cobalt Strike"),
    )  # fmt: skip
    return Catalogue("18.1", "", (), {}, groups, software, ())


@pytest.fixture
def incident() -> Callable[..., Incident]:
    """Make an incident with techniques, tactics and titles of rules; each fold is tagged with all of them."""
    first = Case.model_validate_json(WHOLE.read_text("utf-8")).incidents[0]

    def make(techniques: Sequence[str], tactics: Sequence[str] = (), titles: Sequence[str] = ("A rule",)) -> Incident:
        folds: list[Fold] = [
            first.folds[0].model_copy(update={"title": title, "techniques": tuple(techniques), "tactics": tuple(tactics), "count": 3})
            for title in titles
        ]
        changed = {"techniques": tuple(techniques), "tactics": tuple(tactics), "folds": tuple(folds), "trace": None, "watchlist": None}
        return first.model_copy(update=changed)

    return make

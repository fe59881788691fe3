"""Subjects and precedents as small as can be."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from watchkeeper.model.subject import Precedent, Subject
from watchkeeper.model.verdict import Outcome
from watchkeeper.triage.features import TRAITS

START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="session")
def subject() -> Callable[..., Subject]:
    """Make a subject that began so many hours into the year; traits not given are 0."""

    def make(
        name: str = "s", hour: float | None = 0.0, rules: tuple[str, ...] = ("r",), severe: tuple[str, ...] = (), *, prior: float = 0.0,
        chance: float = 1.0, barred: tuple[str, ...] = (), **traits: float,
    ) -> Subject:  # fmt: skip
        return Subject(
            id=name,
            about="session",
            start=None if hour is None else START + timedelta(hours=hour),
            rules=rules,
            severe=severe,
            trails=tuple(f"{rule}@h" for rule in rules),
            prior=prior,
            traits={trait.name: traits.get(trait.name, 0.0) for trait in TRAITS},
            barred=barred,
            chance=chance,
        )

    return make


@pytest.fixture(scope="session")
def judged() -> Callable[..., Precedent]:
    """Say what a subject was; words about it come an hour after it, unless said otherwise."""

    def make(of: Subject, verdict: Outcome = "benign", after: float = 1.0) -> Precedent:
        return Precedent(subject=of, verdict=verdict, said=(of.start or START) + timedelta(hours=after))

    return make

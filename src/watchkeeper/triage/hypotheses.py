"""Hypotheses: what an incident might be, as data in `content/hypotheses`. Owns their shape and reading, not the facts they speak of."""

from functools import cache
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from watchkeeper.content import folder
from watchkeeper.model.noun import Noun


class Weight(Noun):
    """How a fact changes the odds of a hypothesis."""

    fact: str
    """Name of the fact."""
    any: tuple[str, ...] = ()
    """Only these values of it count; empty means any value does."""
    weight: float
    """Log-odds in nats that the fact adds when found; negative speaks against."""


class Hypothesis(Noun):
    """One explanation of an incident."""

    id: str
    """Short name, a key under `hypothesis.` in the lexicon."""
    malicious: bool
    """Whether it explains the incident as an attack."""
    prior: float
    """Odds weight before any fact, relative to the other hypotheses."""
    weights: tuple[Weight, ...]
    """Facts that speak for it or against it."""
    wants: tuple[str, ...] = ()
    """Facts that would settle it; named as missing evidence when they are absent or empty."""


_MANY = TypeAdapter(tuple[Hypothesis, ...])


@cache
def hypotheses() -> tuple[Hypothesis, ...]:
    """Read every shipped hypothesis, in order of file name."""
    return tuple(hypothesis for path in sorted(folder("hypotheses").glob("*.yml")) for hypothesis in read_hypotheses(path))


def read_hypotheses(path: Path) -> tuple[Hypothesis, ...]:
    """Read one file of hypotheses.

    Raises:
        ValueError: it is not a list of hypotheses; the message says which and what is wrong.
    """
    try:
        return _MANY.validate_python(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise ValueError(f"{str(path)!r} is not a list of hypotheses: {error}") from error

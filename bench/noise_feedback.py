"""What people's words do to what is shown: an analyst who judged every shown session of all other testbeds, and rightly.

An attack's session is called succeeded, any other benign; the labels play the analyst, the product reads none of them. How much of the
attack is still shown matters more than how much less of the rest is. That no words let a rule count for more than its level was decided
on fox and harrison, where words worth up to one and a half showed more sessions and not one more step.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from noise_alerts import Bed
from noise_measure import measured, placed, sessions, total

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Correlated, Knowledge, correlate, records, trusts
from watchkeeper.model.asset import Asset
from watchkeeper.model.feedback import Feedback, JudgedFold

_NOW = datetime(2025, 1, 1, tzinfo=UTC)


def feedback(beds: Sequence[Bed]) -> dict[str, dict[str, Any]]:
    """Give every testbed's figures without words and with words about the others."""
    plain = {bed.name: _correlated(bed, ()) for bed in beds}
    words = {bed.name: list(said(bed, plain[bed.name])) for bed in beds}
    found: dict[str, dict[str, Any]] = {"without": {}, "others": {}}
    for bed in beds:
        others = [one for name, spoken in words.items() if name != bed.name for one in spoken]
        found["without"][bed.name] = _figures(bed, plain[bed.name])
        found["others"][bed.name] = _figures(bed, _correlated(bed, others)) | {"words": len(others)}
    return {how: figures | {"total": total(list(figures.values()))} for how, figures in found.items()}


def said(bed: Bed, got: Correlated) -> Iterator[Feedback]:
    """Yield what an analyst who is always right says of each shown session."""
    attack = bed.labels.attack[got.signals.column("row").to_numpy()]
    attacked = {session for session, is_attack in zip(got.signals.column("session").to_pylist(), attack, strict=True) if is_attack}
    of = {fold.id: fold for fold in got.folds}
    for session in got.sessions:
        if session.shown:
            folds = tuple(
                JudgedFold(id=one, rule=of[one].rule, level=of[one].level, place=of[one].place, first=of[one].first, last=of[one].last)
                for one in session.folds
            )
            verdict = "succeeded" if session.id in attacked else "benign"
            yield Feedback(about="session", subject=session.id, verdict=verdict, why="label", by="exam", time=_NOW, folds=folds)


def _correlated(bed: Bed, words: Sequence[Feedback]) -> Correlated:
    return correlate(bed.signals, Baseline.empty(), Knowledge(lambda host: Asset(name=host), trusts=trusts(records(words))))


def _figures(bed: Bed, got: Correlated) -> dict[str, Any]:
    held = sessions(bed.labels)
    return measured(held, *placed(held, got.signals))

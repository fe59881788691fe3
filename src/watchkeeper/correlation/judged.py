"""Folds and sessions with everything that is thought about each. Owns the shape that grouping works on; it decides nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from watchkeeper.correlation.fold import Folded
from watchkeeper.correlation.rarity import Rarity
from watchkeeper.correlation.score import Scored
from watchkeeper.correlation.session import Span
from watchkeeper.correlation.tie import Ties
from watchkeeper.correlation.tuning import Tuning


@dataclass(frozen=True, slots=True)
class Judged:
    """Sessions by start and folds by first signal; others speak of them by position."""

    spans: Sequence[Span]
    scored: Sequence[Scored]
    """By session."""
    folds: Sequence[Folded]
    rarity: Sequence[Rarity]
    """By fold."""
    worths: Sequence[float]
    """By fold: what each is worth by itself."""
    members: Sequence[Sequence[int]]
    """By session: its folds, most telling first."""
    tied: Ties
    tuning: Tuning

    def by_worth(self, position: int) -> tuple[float, int, str]:
        """Order folds, most telling first, then earliest."""
        fold = self.folds[position]
        return -self.worths[position], fold.first or 0, fold.id

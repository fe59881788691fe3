"""What folds and sessions are worth looking at. Owns weights and the sum with diminishing returns; grouping stands elsewhere."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from watchkeeper.attack import TACTICS, in_usual_order, tactic
from watchkeeper.correlation.fold import Folded
from watchkeeper.correlation.rarity import Rarity
from watchkeeper.correlation.trust import Trust
from watchkeeper.model.asset import Asset
from watchkeeper.model.level import LEVELS
from watchkeeper.model.note import Note

LEVEL_WEIGHTS = (0.2, 0.5, 1.0, 1.8, 2.6)
"""What a signal of each of `LEVELS` is worth when it is as unusual as can be."""
SHARPNESS = 2.0
"""Power to which the share of unusualness is raised: half as unusual is worth a quarter."""
ORDER_BONUS = 0.12
"""Added for each further tactic that follows the one before in the usual order."""
CRITICALITY_WEIGHTS = {1: 0.9, 2: 1.0, 3: 1.1, 4: 1.2, 5: 1.3}


@dataclass(frozen=True, slots=True)
class Scored:
    """What a set of folds is worth together, and its parts."""

    score: float
    why: tuple[Note, ...]


def worth(fold: Folded, rarity: Rarity, trust: Trust | None = None) -> float:
    """Say what one fold is worth: severity times unusualness, times what people's words make of its rule."""
    return LEVEL_WEIGHTS[fold.level] * rarity.share**SHARPNESS * (trust.factor if trust else 1.0)


def together(folds: Sequence[Folded], worths: Sequence[float], assets: Iterable[Asset]) -> Scored:
    """Add up the best fold of each rule with diminishing returns, then weigh by tactics and assets."""
    best: dict[str, tuple[float, Folded]] = {}
    for fold, value in zip(folds, worths, strict=True):
        if value > best.get(fold.rule, (-1.0, fold))[0]:
            best[fold.rule] = (value, fold)
    ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].rule))
    total = sum(value / (position + 1) ** 0.5 for position, (value, _) in enumerate(ranked))
    chain = in_order(folds)
    bonus = 1 + ORDER_BONUS * max(0, len(chain) - 1)
    criticality = max((asset.criticality for asset in assets), default=2)
    score = total * bonus * CRITICALITY_WEIGHTS[criticality]
    return Scored(score, _why(ranked, total, chain, criticality))


def in_order(folds: Sequence[Folded]) -> tuple[str, ...]:
    """Give the longest chain of distinct tactics whose first signals come in the usual order of an attack."""
    timed = sorted((fold for fold in folds if fold.first is not None), key=lambda fold: (fold.first or 0, fold.id))
    best: list[tuple[int, ...]] = [() for _ in TACTICS]
    for fold in timed:
        steps = sorted({TACTICS.index(name) for name in map(tactic, fold.tactics) if name in TACTICS})
        for step in steps:
            longest = max(best[:step], key=len, default=())
            if len(longest) + 1 > len(best[step]):
                best[step] = (*longest, step)
    return tuple(TACTICS[step] for step in max(best, key=len))


def tactics_of(folds: Iterable[Folded]) -> tuple[str, ...]:
    """Give the tactics of the folds in the usual order, unknown ones last."""
    return in_usual_order(tactic(name) for fold in folds for name in fold.tactics)


def assets_of(folds: Iterable[Folded], asset_of: Callable[[str], Asset]) -> list[Asset]:
    """Give what is known of the hosts of the folds."""
    return [asset_of(host) for host in sorted({fold.host for fold in folds if fold.host})]


def _why(ranked: Sequence[tuple[float, Folded]], total: float, chain: Sequence[str], criticality: int) -> tuple[Note, ...]:
    """Name the parts of a score."""
    best, fold = ranked[0]
    notes = [
        Note(code="score.rules", arguments={"rules": str(len(ranked)), "sum": f"{total:.2f}"}),
        Note(code="score.best", arguments={"title": fold.title, "level": LEVELS[fold.level], "worth": f"{best:.2f}"}),
    ]
    if len(chain) > 1:
        notes.append(
            Note(code="score.order", arguments={"tactics": ", ".join(chain), "percent": f"{100 * ORDER_BONUS * (len(chain) - 1):.0f}"})
        )
    if criticality != 2:
        notes.append(
            Note(code="score.asset", arguments={"criticality": str(criticality), "factor": f"{CRITICALITY_WEIGHTS[criticality]:.1f}"})
        )
    return tuple(notes)

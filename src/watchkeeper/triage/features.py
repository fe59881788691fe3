"""Traits: the fixed numbers that a subject is judged by. Owns their names and how each is worked out; what they weigh is learnt.

Every trait grows with suspicion or stays, and none reads a name, an address or a date. So a model whose weights are never negative has the
property that an attacker cannot look more harmless by doing more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from math import log1p

from watchkeeper.model.asset import Asset
from watchkeeper.model.fold import Fold
from watchkeeper.model.level import LEVELS
from watchkeeper.model.subject import Subject
from watchkeeper.triage.seen import Seen

MOST_FOLDS = 256
"""Folds of a subject that are remembered; one with more is never closed, as what it holds cannot all be compared."""
CRITICAL = 4
"""Criticality from which an asset is critical."""
_HIGH = LEVELS.index("high")


@dataclass(frozen=True, slots=True)
class Trait:
    """One number of a subject."""

    name: str
    says: str
    """What it measures, for the documentation."""
    of: Callable[[Seen, Callable[[str], Asset]], float]


TRAITS = (
    Trait("score", "log of 1 and the score of correlation", lambda seen, _: log1p(max(0.0, seen.score))),
    Trait("severity", "highest severity, 0 (informational) to 2 (critical)", lambda seen, _: max(map(_severity, seen.folds), default=0.0)),
    Trait("novelty", "novelty of the most unusual fold, in units of 5 nats", lambda seen, _: max(map(_novelty, seen.folds), default=0.0)),
    Trait(
        "severe-novelty",
        "the highest product of severity and novelty of one fold",
        lambda seen, _: max((_severity(fold) * _novelty(fold) for fold in seen.folds), default=0.0),
    ),
    Trait("rules", "log of how many rules fired", lambda seen, _: log1p(len({fold.rule for fold in seen.folds}))),
    Trait("signals", "a quarter of the log of 1 and how many signals", lambda seen, _: log1p(sum(fold.count for fold in seen.folds)) / 4),
    Trait("tactics", "log of 1 and how many ATT&CK tactics", lambda seen, _: log1p(len(seen.tactics))),
    Trait("techniques", "log of 1 and how many ATT&CK techniques", lambda seen, _: log1p(len(seen.techniques))),
    Trait("hosts", "log of how many hosts", lambda seen, _: log1p(max(0, len(seen.hosts) - 1))),
    Trait("users", "log of 1 and how many users", lambda seen, _: log1p(len({fold.user for fold in seen.folds if fold.user}))),
    Trait("criticality", "highest criticality of its hosts, 0 to 2", lambda seen, asset_of: (_criticality(seen, asset_of) - 1) / 2),
    Trait("exposed", "1 if a host is said to be exposed", lambda seen, asset_of: float(any(asset_of(at).exposed for at in seen.hosts))),
    Trait("incident", "1 for an incident, 0 for a session", lambda seen, _: float(seen.about == "incident")),
)  # fmt: skip
"""In the order of a model's weights; `triage.history` adds those that need to know what people said before."""


def describe(seen: Seen, prior: float, asset_of: Callable[[str], Asset], from_intel: Callable[[Fold], bool]) -> Subject:
    """Make the subject of a session or incident.

    Args:
        seen: what it holds.
        prior: log-odds of an attack by the hypotheses.
        asset_of: what is known of a host.
        from_intel: says whether a fold is a match of intelligence or of a watchlist.
    """
    kept = seen.folds[:MOST_FOLDS]
    return Subject(
        id=seen.id,
        about=seen.about,
        start=seen.start,
        rules=tuple(dict.fromkeys(fold.rule for fold in kept)),
        severe=tuple(dict.fromkeys(fold.rule for fold in kept if LEVELS.index(fold.level) >= _HIGH)),
        trails=tuple(trail(fold) for fold in kept),
        prior=round(prior, 6),
        traits={trait.name: round(trait.of(seen, asset_of), 6) for trait in TRAITS},
        barred=tuple(_barred(seen, asset_of, from_intel)),
    )


def trail(fold: Fold) -> str:
    """Name the rule, host and user of a fold by a digest, so that what is kept to compare by names nobody."""
    hashed = blake2b(digest_size=12)
    for part in (fold.rule, fold.host, fold.user):
        hashed.update(part.encode() + b"\0")
    return hashed.hexdigest()


def _barred(seen: Seen, asset_of: Callable[[str], Asset], from_intel: Callable[[Fold], bool]) -> Iterable[str]:
    if _criticality(seen, asset_of) >= CRITICAL or any(asset_of(host).protected for host in seen.hosts):
        yield "critical-asset"
    if any(map(from_intel, seen.folds)):
        yield "intelligence"
    if len(seen.folds) > MOST_FOLDS:
        yield "too-large"


def _severity(fold: Fold) -> float:
    return LEVELS.index(fold.level) / 2


def _novelty(fold: Fold) -> float:
    return fold.novelty / 5


def _criticality(seen: Seen, asset_of: Callable[[str], Asset]) -> int:
    return max((asset_of(host).criticality for host in seen.hosts), default=2)

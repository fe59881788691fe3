"""Folds and sessions with everything that is thought about each. Owns the weighing that grouping works on; it groups nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from watchkeeper.correlation.fold import Folded, FoldKey
from watchkeeper.correlation.locate import NameOf, alone
from watchkeeper.correlation.rarity import Met, Rarity, rarities, sought
from watchkeeper.correlation.score import Scored, assets_of, together, worth
from watchkeeper.correlation.session import Span
from watchkeeper.correlation.tie import HostOf, Ties, ties
from watchkeeper.correlation.trust import Trust
from watchkeeper.correlation.tuning import SHIPPED, Tuning
from watchkeeper.model.asset import Asset


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known besides the signals."""

    asset_of: Callable[[str], Asset]
    """What is known of a host, by its name."""
    host_of: HostOf | None = None
    """Which host held an address at a time; without it, the addresses of assets hold at any time."""
    tuning: Tuning = SHIPPED
    """From which scores an incident starts and a session is shown."""
    trusts: Mapping[str, Trust] = field(default_factory=dict[str, Trust])
    """How much folds of a rule count by what people said of it; those not named count as they are."""
    name_of: NameOf = alone
    """The one name of an account that a host speaks of, however it is written; without it, its name without domain."""
    followed: frozenset[str] = frozenset()
    """Rules that say that something of an attacker's was seen again: however often they fire, they are never everyday."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Sessions by start and folds by first signal; others speak of them by position."""

    spans: Sequence[Span]
    scored: Sequence[Scored]
    """By session."""
    folds: Sequence[Folded]
    """Each with the position of its session."""
    rarity: Sequence[Rarity]
    """By fold."""
    worths: Sequence[float]
    """By fold: what each is worth by itself."""
    members: Sequence[Sequence[int]]
    """By session: its folds, most telling first."""
    busy: Sequence[float]
    """By session: how often anything fires on its host; 1 is usual."""
    steady: Mapping[int, Mapping[str, int]]
    """By session: titles of rules that had gone on without a pause by then, and for how many hours."""
    tied: Ties
    begun: int
    """How many sessions there ever were."""
    tuning: Tuning
    followed: frozenset[str] = frozenset()
    """Rules that say that something of an attacker's was seen again."""

    def by_worth(self, position: int) -> tuple[float, int, str]:
        """Order folds, most telling first, then earliest."""
        fold = self.folds[position]
        return -self.worths[position], fold.first or 0, fold.id


@dataclass(frozen=True, slots=True)
class Record:
    """Sessions by number and their folds, as far as they are looked at together."""

    spans: Mapping[int, Span]
    folds: Mapping[FoldKey, Folded]
    met: Mapping[int, Met]
    steady: Mapping[int, Mapping[str, int]]
    """By the number of a session: titles of rules that had gone on without a pause by then, and for how many hours."""
    begun: int
    """How many sessions there ever were."""
    watched_hours: float
    """How long before the end of the record the first signal ever came."""


def judge(record: Record, known: Knowledge) -> Judged:
    """Weigh every fold and session of a record; positions follow the order of the sessions' numbers."""
    rarity = sought(rarities(record.folds, record.spans, record.met, record.watched_hours), record.folds.values(), known.followed)
    position_of = {number: position for position, number in enumerate(record.spans)}
    folds = [replace(fold, session=position_of[fold.session]) for fold in record.folds.values()]
    spans = list(record.spans.values())
    worths = [worth(fold, rare, known.trusts.get(fold.rule)) for fold, rare in zip(folds, rarity, strict=True)]
    members: list[list[int]] = [[] for _ in spans]
    for position in sorted(range(len(folds)), key=lambda at: (-worths[at], at)):
        members[folds[position].session].append(position)
    return Judged(
        spans=spans,
        scored=[scored(folds, worths, held, known) for held in members],
        folds=folds,
        rarity=rarity,
        worths=worths,
        members=members,
        busy=[record.met[number].busy for number in record.spans],
        steady={position_of[number]: rules for number, rules in record.steady.items()},
        tied=ties(folds, rarity, spans, known.host_of or _by_assets(folds, known)),
        begun=record.begun,
        tuning=known.tuning,
        followed=known.followed,
    )


def scored(folds: Sequence[Folded], worths: Sequence[float], held: Sequence[int], known: Knowledge) -> Scored:
    """Score some of the folds together."""
    inside = [folds[position] for position in held]
    return together(inside, [worths[position] for position in held], assets_of(inside, known.asset_of))


def _by_assets(folds: Sequence[Folded], known: Knowledge) -> HostOf:
    """Say which host has an address by what is known of the hosts at hand."""
    hosts = {address: asset.name for asset in assets_of(folds, known.asset_of) for address in asset.addresses}
    return lambda address, _: hosts.get(address)

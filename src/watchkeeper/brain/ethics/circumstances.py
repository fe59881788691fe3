"""Circumstances: what ethics may ask of the world beside the ledger. Owns the contract; `autopilot` hands it in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from watchkeeper.model.asset import Asset
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.means import MeansOf


def unlisted(_list: str, _targets: Sequence[Entity]) -> bool:
    """Say that a list is not verified: what holds where nobody can look it up."""
    return False


def unjudged(_incident: str) -> float | None:
    """Say that nobody judged an incident apart from the proposal."""
    return None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What ethics may ask."""

    traits_of: Callable[[str], ActionTraits | None]
    """Gives what an action of the catalogue is; none for what is not in it, which is refused."""
    means_of: MeansOf
    """Gives how a proposal is carried out; none where nobody configured a place."""
    asset_of: Callable[[Entity], Asset | None]
    """Gives what is known of a target as something of the organisation's own; none for what is not, such as an outside address."""
    kinds_of: Callable[[Sequence[str]], Sequence[str]]
    """Gives the kinds of evidence that events by these ids are, looked up in what is kept; fewer for ids that do not resolve."""
    clock: Callable[[], datetime]
    """The time, UTC."""
    is_listed: Callable[[str, Sequence[Entity]], bool] = unlisted
    """Says whether a list of indicators by that name came signed by a trusted key and every target stands on it."""
    confidence_of: Callable[[str], float | None] = unjudged
    """Gives the probability, as kept with an incident, that it is an attack; the lower of it and the proposal's counts. None: not kept."""

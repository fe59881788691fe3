"""What a tenant's people said, as live correlation uses it. Owns bringing it together, as a run does; keeping it is the store's."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from watchkeeper.autopilot.following import Followed, followed_of
from watchkeeper.baseline import Sighting
from watchkeeper.correlation import Knowledge, Trust, attacks, records, trusts
from watchkeeper.model.suppression import Suppression
from watchkeeper.store import Store
from watchkeeper.triage import Experience, learn


@dataclass(frozen=True, slots=True)
class Learnt:
    """What people said."""

    trusts: Mapping[str, Trust]
    """How much rules count, by their ids."""
    attacks: frozenset[Sighting]
    """Hours in which what people judged an attack went on: nothing normal is learnt from them."""
    suppressions: tuple[Suppression, ...]
    """Those that nobody ended, in force or expired."""
    following: Followed
    """What is looked out for because of open incidents."""
    experience: Experience
    drawing_key: bytes

    def applied(self, known: Knowledge) -> Knowledge:
        """Give what is known with how much rules count."""
        return replace(known, trusts=self.trusts)

    def in_force(self, now: datetime) -> tuple[Suppression, ...]:
        """Give the suppressions that count now."""
        return tuple(one for one in self.suppressions if now < one.expires)


def learnt_of(store: Store, case: str, key: bytes | None = None) -> Learnt:
    """Give what a tenant's people said until now; `case` is the name under which live correlation keeps what it learns.

    Raises:
        OSError: the store cannot be read.
    """
    said = store.feedback()
    return Learnt(
        trusts=trusts(records(said)),
        attacks=frozenset(attacks(said)),
        suppressions=tuple(one for one in store.suppressions() if one.ended is None),
        following=followed_of(store.watches(), store, datetime.now(UTC)),
        experience=learn(store.precedents(store.seen(case)[1])),
        drawing_key=key or store.drawing_key(),
    )

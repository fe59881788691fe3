"""Memory: what is known from before a run. Owns bringing it together; keeping it is the store's, what it means the steps'."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Trust, attacks, records, trusts
from watchkeeper.model.edit import Edit
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.suppression import Suppression
from watchkeeper.model.watch import Standing
from watchkeeper.store import Place, Store, open_store

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Memory:
    """What a run starts with."""

    baseline: Baseline = field(default_factory=Baseline.empty)
    """What is normal, without what people judged an attack."""
    trusts: Mapping[str, Trust] = field(default_factory=dict[str, Trust])
    """How much rules count by what people said, by their ids."""
    suppressions: tuple[Suppression, ...] = ()
    """Every suppression that nobody ended, in force or expired."""
    edits: tuple[Edit, ...] = ()
    """What people merged and split."""
    standings: Mapping[str, tuple[Standing, ...]] = field(default_factory=dict[str, tuple[Standing, ...]])
    """What became of incidents, by their ids."""


def remembered(state: Place | None, span: Span | None, hosts: Iterable[str]) -> Memory:
    """Give what is known for a record that begins at a time and is about some hosts; nothing without a state folder.

    Raises:
        OSError: the state database cannot be made or read.
        ValueError: a saved baseline is of another version.
    """
    if state is None:
        return Memory()
    with closing(open_store(state)) as store:
        lasting = tuple(one for one in store.suppressions() if one.ended is None)
        return replace(
            remembered_of(store, span, hosts, store.feedback()), suppressions=lasting, edits=store.edits(), standings=store.standings()
        )


def remembered_of(store: Store, span: Span | None, hosts: Iterable[str], said: Iterable[Feedback]) -> Memory:
    """Give what is normal for a record and what rules count, if these words had been said.

    What is normal: what earlier cases of the same organisation saw, without the hours in which what people judged an attack went on.

    Raises:
        ValueError: a saved baseline is of another version.
    """
    words = tuple(said)
    known = Baseline.empty()
    for body in store.baselines(span[0], hosts) if span else ():
        known = known.learn(Baseline.from_bytes(body).sightings())
    return Memory(known.without(attacks(words)), trusts(records(words)))

"""Memory: what is known from before a run. Owns bringing it together; keeping it is the store's, what it means the steps'."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Trust, attacks, records, trusts
from watchkeeper.model.feedback import Feedback
from watchkeeper.store import Store, open_store


@dataclass(frozen=True, slots=True)
class Memory:
    """What a run starts with."""

    baseline: Baseline = field(default_factory=Baseline.empty)
    """What is normal, without what people judged an attack."""
    trusts: Mapping[str, Trust] = field(default_factory=dict[str, Trust])
    """How much rules count by what people said, by their ids."""


def remembered(state: Path | None, span: tuple[datetime, datetime] | None, hosts: Iterable[str]) -> Memory:
    """Give what is known for a record that begins at a time and is about some hosts; nothing without a state folder.

    Raises:
        OSError: the state folder cannot be made or read.
        ValueError: a saved baseline is of another version.
    """
    if state is None:
        return Memory()
    with closing(open_store(state)) as store:
        said = store.feedback()
        return Memory(baseline(store, span, hosts, said), trusts(records(said)))


def baseline(store: Store, span: tuple[datetime, datetime] | None, hosts: Iterable[str], said: Iterable[Feedback]) -> Baseline:
    """Give what earlier cases of the same organisation saw, without the hours in which what people judged an attack went on.

    Raises:
        ValueError: a saved baseline is of another version.
    """
    known = Baseline.empty()
    for body in store.baselines(span[0], hosts) if span else ():
        known = known.learn(Baseline.from_bytes(body).sightings())
    return known.without(attacks(said))

"""What if: what a change would have hidden or altered in cases of the past. Owns the comparison of two correlations of one case."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from watchkeeper.correlation import Correlated
from watchkeeper.model.fold import Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.verdict import ATTACK, Outcome


@dataclass(frozen=True, slots=True)
class Altered:
    """An incident that would be another."""

    before: Incident
    after: Incident
    signals: int
    """Signals that it would lose."""
    gained: int
    """Signals that it would gain."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change would have done to one case."""

    case: Path
    signals: int
    """Signals of the case."""
    hidden: tuple[str, ...]
    """Ids of signals that would have been worth nothing, in time order."""
    true: int
    """Signals among them that people judged part of an attack."""
    gone: tuple[Incident, ...]
    """Incidents that there would not have been."""
    altered: tuple[Altered, ...]
    """Incidents that would have been others, or ranked otherwise."""
    new: tuple[Incident, ...]
    """Incidents that there would have been besides."""
    unseen: tuple[Session, ...]
    """Sessions that a person would not have seen."""
    seen: tuple[Session, ...]
    """Sessions that a person would have seen besides."""

    @property
    def is_nothing(self) -> bool:
        """Say whether nothing would have been otherwise."""
        return not (self.hidden or self.gone or self.altered or self.new or self.unseen or self.seen)


def changed(case: Path, signals: pa.Table, before: Correlated, after: Correlated, said: Mapping[str, Outcome]) -> Change:
    """Compare two correlations of one case; `signals` are those before, placed as people knew them when they spoke."""
    ids = _texts(signals, "id")
    left = set(_texts(after.signals, "id"))
    hidden = tuple(one for one in ids if one not in left)
    verdict = {one: said.get(fold) for one, fold in zip(ids, _texts(signals, "fold"), strict=True)}
    gone, altered, new = _incidents(before, after)
    seen_before, seen_after = _shown(before), _shown(after)
    return Change(
        case=case,
        signals=len(ids),
        hidden=hidden,
        true=sum(verdict[one] in ATTACK for one in hidden),
        gone=gone,
        altered=altered,
        new=new,
        unseen=_lost(before.sessions, before.signals, seen_after),
        seen=_lost(after.sessions, after.signals, seen_before),
    )


def _incidents(before: Correlated, after: Correlated) -> tuple[tuple[Incident, ...], tuple[Altered, ...], tuple[Incident, ...]]:
    """Find for each incident the one that holds most of its signals afterwards."""
    of = {incident.id: incident for incident in after.incidents}
    held, holding = _members(before), _members(after)
    now = {signal: incident for incident, signals in holding.items() for signal in signals}
    gone: list[Incident] = []
    altered: list[Altered] = []
    taken: set[str] = set()
    for incident in before.incidents:
        members = held[incident.id]
        heirs = Counter(now[signal] for signal in members if signal in now)
        if not heirs:
            gone.append(incident)
            continue
        heir, kept = heirs.most_common(1)[0]
        taken.add(heir)
        one = Altered(incident, of[heir], len(members) - kept, len(holding[heir]) - kept)
        if one.signals or one.gained or (one.before.rank, one.before.score) != (one.after.rank, one.after.score):
            altered.append(one)
    return tuple(gone), tuple(altered), tuple(incident for incident in after.incidents if incident.id not in taken)


def _members(found: Correlated) -> dict[str, list[str]]:
    members: dict[str, list[str]] = {}
    for signal, incident in zip(_texts(found.signals, "id"), found.signals.column("incident").to_pylist(), strict=True):
        if incident is not None:
            members.setdefault(str(incident), []).append(signal)
    return members


def _shown(found: Correlated) -> set[str]:
    return {signal for signal, shown in zip(_texts(found.signals, "id"), found.signals.column("shown").to_pylist(), strict=True) if shown}


def _lost(sessions: Sequence[Session], signals: pa.Table, shown: Collection[str]) -> tuple[Session, ...]:
    """Give the shown sessions of which no signal is shown on the other side."""
    still = {session for session, signal in zip(_texts(signals, "session"), _texts(signals, "id"), strict=True) if signal in shown}
    return tuple(session for session in sessions if session.shown and session.id not in still)


def _texts(table: pa.Table, name: str) -> list[str]:
    return [str(one) for one in table.column(name).to_pylist()]

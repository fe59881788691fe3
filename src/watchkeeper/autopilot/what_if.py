"""What if: what a change would have hidden or altered in cases of the past. Owns the comparison of two correlations of one case."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from watchkeeper.correlation import Correlated
from watchkeeper.model.change import Altered, Change, NamedIncident, NamedSession
from watchkeeper.model.fold import Session
from watchkeeper.model.incident import Incident
from watchkeeper.model.verdict import ATTACK, Outcome


def changed(case: Path, signals: pa.Table, before: Correlated, after: Correlated, said: Mapping[str, Outcome]) -> Change:
    """Compare two correlations of one case; `signals` are those before, placed as people knew them when they spoke."""
    ids = _texts(signals, "id")
    left = set(_texts(after.signals, "id"))
    hidden = tuple(one for one in ids if one not in left)
    verdict = {one: said.get(fold) for one, fold in zip(ids, _texts(signals, "fold"), strict=True)}
    gone, altered, new = _incidents(before, after)
    seen_before, seen_after = _shown(before), _shown(after)
    return Change(
        case=str(case),
        signals=len(ids),
        hidden=len(hidden),
        true=sum(verdict[one] in ATTACK for one in hidden),
        gone=tuple(map(_named, gone)),
        altered=altered,
        new=tuple(map(_named, new)),
        unseen=_lost(before.sessions, before.signals, seen_after),
        seen=_lost(after.sessions, after.signals, seen_before),
    )


def _named(incident: Incident) -> NamedIncident:
    return NamedIncident(id=incident.id, title=incident.title, rank=incident.rank, score=incident.score)


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
        signals, gained = len(members) - kept, len(holding[heir]) - kept
        one = Altered(before=_named(incident), after=_named(of[heir]), signals=signals, gained=gained)
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


def _lost(sessions: Sequence[Session], signals: pa.Table, shown: Collection[str]) -> tuple[NamedSession, ...]:
    """Give the shown sessions of which no signal is shown on the other side."""
    still = {session for session, signal in zip(_texts(signals, "session"), _texts(signals, "id"), strict=True) if signal in shown}
    lost = [session for session in sessions if session.shown and session.id not in still]
    return tuple(NamedSession(id=one.id, host=one.host, start=one.start, score=one.score) for one in lost)


def _texts(table: pa.Table, name: str) -> list[str]:
    return [str(one) for one in table.column(name).to_pylist()]

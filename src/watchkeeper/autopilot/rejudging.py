"""Judging again what a person closed when what that stood on is no longer so. Owns what that is, and what speaks against the closing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from watchkeeper.autopilot.backwards import Match, chosen, look_back
from watchkeeper.autopilot.edits import seen
from watchkeeper.autopilot.history import Past, past
from watchkeeper.autopilot.intelligence import known_of
from watchkeeper.autopilot.options import Options
from watchkeeper.correlation import latest, records
from watchkeeper.detection.intel.installed import open_installed
from watchkeeper.model.feedback import Feedback, Grounds, JudgedFold
from watchkeeper.model.reopened import Reason, Reopened
from watchkeeper.model.verdict import HARMLESS
from watchkeeper.store import Store

_AROUND = timedelta(hours=1)


def grounds(store: Store, folds: Iterable[JudgedFold], intel: Path) -> Grounds:
    """Give what a closing of these folds stands on now.

    Raises:
        OSError: the installed intelligence cannot be read.
        ValueError: it is damaged.
    """
    rules = sorted({fold.rule for fold in folds})
    known = records(store.feedback())
    installed = open_installed(intel)
    return Grounds(
        rules=store.meanings(rules),
        right={rule: known[rule].true for rule in rules if rule in known},
        intel=installed.folder.name if installed else "",
    )


def reopened(store: Store, intel: Path) -> tuple[Reopened, ...]:
    """Judge again what people closed and give what something speaks against now, in the order it was closed.

    A rule that changed speaks against it if it still fires there and no later judgement says the same as the person; a rule that was
    right since, and something there that intelligence came to know, always do.

    Raises:
        OSError: the installed intelligence cannot be read.
        ValueError: it or a case is damaged.
    """
    closed = [one for one in latest(store.feedback()) if one.verdict in HARMLESS and one.grounds is not None]
    differing = [(one, now) for one in closed if (now := grounds(store, one.folds, intel)) != one.grounds]
    if not differing:
        return ()
    cases = list(past(store))
    agreed = {one.id for one in seen(store).incidents if one.verdict and one.verdict.outcome in HARMLESS}
    found: list[Reopened] = []
    for words, now in differing:
        changed = [] if words.subject in agreed else list(_changed(words, now, cases))
        reasons = (*changed, *_right(words, now), *_matched(words, now, cases, intel))
        if reasons:
            found.append(Reopened(words=words, reasons=reasons))
    return tuple(found)


def _changed(words: Feedback, now: Grounds, cases: Sequence[Past]) -> Iterator[Reason]:
    """Yield the rules that ask for something else and fire there by the newest account of it."""
    then = words.grounds.rules if words.grounds else {}
    for rule, meaning in then.items():
        folds = {fold.id for fold in words.folds if fold.rule == rule}
        if now.rules.get(rule, meaning) != meaning and any(not folds.isdisjoint(_folds(case)) for case in cases):
            yield Reason(kind="rule-changed", what=rule)


def _folds(case: Past) -> set[str]:
    return {str(fold) for fold in case.signals.column("fold").unique().to_pylist()}


def _right(words: Feedback, now: Grounds) -> Iterator[Reason]:
    then: Mapping[str, int] = words.grounds.right if words.grounds else {}
    yield from (Reason(kind="rule-right", what=rule) for rule, count in now.right.items() if count > then.get(rule, 0))


def _matched(words: Feedback, now: Grounds, cases: Sequence[Past], intel: Path) -> Iterator[Reason]:
    """Yield what intelligence learnt since of what was there then."""
    if not now.intel or (words.grounds and now.intel == words.grounds.intel):
        return
    mine = {fold.id for fold in words.folds}
    here = [case.out for case in cases if not mine.isdisjoint(_folds(case))]
    known = known_of(Options(paths=(), intel=intel))
    if here and known:
        for match in look_back(here[:1], chosen(known[0], since=words.time)).matches:
            if _is_there(match, words):
                yield Reason(kind="intel", what=f"{match.kind} {match.value} ({match.indicator['source']})")


def _is_there(match: Match, words: Feedback) -> bool:
    """Say whether something was seen on one of the hosts at about the time."""
    hosts = {fold.place.removeprefix("host:") for fold in words.folds if fold.place.startswith("host:")}
    firsts = [fold.first for fold in words.folds if fold.first]
    lasts = [fold.last for fold in words.folds if fold.last]
    if hosts.isdisjoint(match.hosts):
        return False
    if not (firsts and lasts and match.since and match.last):
        return True
    return match.since <= max(lasts) + _AROUND and match.last >= min(firsts) - _AROUND

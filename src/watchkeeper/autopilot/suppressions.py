"""Suppressions: who may suppress what for how long, and what that does in a run. Which signals are meant is `correlation`'s."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa

from watchkeeper.autopilot.history import known_for, past, words_on_folds
from watchkeeper.autopilot.what_if import changed
from watchkeeper.correlation import records, set_aside
from watchkeeper.correlation.suppressing import SEVERE, meant
from watchkeeper.detection import RuleSet
from watchkeeper.detection.sigma import meaning
from watchkeeper.model.change import Change
from watchkeeper.model.missing import MissingError
from watchkeeper.model.suppression import RuleState, Suppressed, Suppression, Where
from watchkeeper.store import Store

MOST_DAYS = 366
"""A suppression ends after so many days at most; who still wants it says so again."""
_MOST_CONDITIONS, _MOST_CHARACTERS = 20, 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants suppressed."""

    rule: str
    """Id of the rule; empty for every rule below `high`."""
    where: tuple[Where, ...]
    owner: str
    why: str
    days: int


@dataclass(frozen=True, slots=True)
class Sifted:
    """Signals of a run after suppressions."""

    staying: pa.Table
    aside: pa.Table
    """As in `ASIDE_SCHEMA`."""
    did: tuple[Suppressed, ...]


def conditions(texts: Iterable[str]) -> tuple[Where, ...]:
    """Read conditions that are written as `name=value`.

    Raises:
        ValueError: one is not written so, or asks for nothing.
    """
    found: list[Where] = []
    for text in texts:
        name, given, value = text.partition("=")
        if not (given and name.strip() and value.strip(" *")):
            raise ValueError(f"{text!r} is no condition: write NAME=VALUE, such as host=ws1 or CommandLine=*backup*")
        found.append(Where(name=name.strip(), value=value.strip()))
    if len(found) > _MOST_CONDITIONS or any(len(one.value) > _MOST_CHARACTERS for one in found):
        raise ValueError(f"a suppression has {_MOST_CONDITIONS} conditions at most, each of {_MOST_CHARACTERS} characters at most")
    return tuple(found)


def suppression(asked: Asked, store: Store, now: datetime) -> Suppression:
    """Make the suppression that a person asks for.

    Raises:
        ValueError: it may not be; the message says why and what may be.
    """
    if not (asked.rule or asked.where):
        raise ValueError("say what is to be suppressed: --rule, --where or both")
    if not (asked.owner.strip() and asked.why.strip()):
        raise ValueError("a suppression needs somebody who answers for it (--owner) and a reason (--why)")
    if not 1 <= asked.days <= MOST_DAYS:
        raise ValueError(f"a suppression lasts 1 to {MOST_DAYS} days, not {asked.days}; it can be made again when it has ended")
    if asked.rule and not asked.where and _is_proven(asked.rule, store):
        raise ValueError(
            f"rule {asked.rule!r} is of level high or critical and people judged it right before; say with --where what of it is noise"
        )
    content = repr((asked, now)).encode()
    return Suppression(
        id=hashlib.blake2b(content, digest_size=6).hexdigest(),
        rule=asked.rule,
        where=asked.where,
        owner=asked.owner,
        why=asked.why,
        created=now,
        expires=now + timedelta(days=asked.days),
        meaning=store.meanings([asked.rule]).get(asked.rule, "") if asked.rule else "",
    )


def end(store: Store, start: str, now: datetime) -> Suppression:
    """End the suppression whose id begins so, and give it as it is then.

    Raises:
        MissingError: there is none in force, or more than one.
    """
    found = [one for one in store.suppressions() if start and one.id.startswith(start) and one.ended is None and now < one.expires]
    if len(found) != 1:
        raise MissingError(f"{len(found)} suppressions in force begin with {start!r}; `watchkeeper suppressions list` lists them")
    ended = found[0].model_copy(update={"ended": now})
    store.keep_suppression(ended)
    return ended


def would_hide(wanted: Suppression, store: Store) -> Iterator[Change]:
    """Yield what a suppression would have done to each case that is still on disk.

    Raises:
        ValueError: a case is damaged.
    """
    said, words = store.feedback(), words_on_folds(store)
    for case in past(store):
        staying = case.staying
        if meant(staying, wanted):
            known = known_for(store, case, said)
            before = case.again(staying, known)
            after = case.again(set_aside(staying, [wanted])[0], known)
            yield changed(case.out, staying, before, after, words)


def sifted(signals: pa.Table, suppressions: Sequence[Suppression], rules: RuleSet, now: datetime) -> Sifted:
    """Set aside what suppressions in force mean, and say what each did; of those that have expired, what they would have.

    Args:
        signals: rows as in `SIGNAL_SCHEMA`.
        suppressions: those that nobody ended.
        rules: the rules that ran.
        now: when the run is.
    """
    in_force = [one for one in suppressions if now < one.expires]
    staying, aside = set_aside(signals, in_force)
    counts = Counter(str(one) for one in aside.column("suppressed").to_pylist())
    asks = {rule.id: rule for rule in (*rules.rules, *rules.correlations)}
    did: list[Suppressed] = []
    for one in suppressions:
        held = one in in_force
        count = counts[one.id] if held else len(meant(staying, one))
        if held or count:
            state = _state(one, meaning(asks[one.rule]) if one.rule in asks else "")
            did.append(Suppressed(suppression=one, signals=count, in_force=held, rule_state=state))
    return Sifted(staying, aside, tuple(did))


def _state(one: Suppression, now: str) -> RuleState:
    if not one.meaning:
        return "unknown"
    if not now:
        return "gone"
    return "same" if now == one.meaning else "changed"


def _is_proven(rule: str, store: Store) -> bool:
    """Say whether a severe rule was right before, by what people said."""
    said = store.feedback()
    record = records(said).get(rule)
    return bool(record and record.true) and any(fold.rule == rule and fold.level in SEVERE for one in said for fold in one.folds)

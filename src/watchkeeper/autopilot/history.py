"""History: the cases that earlier runs left on disk. Owns reading them, what people said of their signals, and correlating them again."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq
from pydantic import TypeAdapter, ValidationError

from watchkeeper.autopilot.memory import Memory, remembered_of
from watchkeeper.correlation import Correlated, Knowledge, correlate, verdicts
from watchkeeper.model.asset import Asset
from watchkeeper.model.change import Change, Changes
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.signal import CASE_SCHEMA, SIGNAL_SCHEMA
from watchkeeper.model.verdict import Outcome
from watchkeeper.store import Store

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
_SHORTEST_ID, _MOST_NAMED = 6, 5
_ASSETS = TypeAdapter(tuple[Asset, ...])


@dataclass(frozen=True)
class Past:
    """One case of the past."""

    id: str
    out: Path
    signals: pa.Table
    """Every signal, as in `CASE_SCHEMA`."""

    @property
    def staying(self) -> pa.Table:
        """The signals that no suppression set aside."""
        return self.signals.filter(pc.is_null(self.signals.column("suppressed")))

    @cached_property
    def assets(self) -> Mapping[str, Asset]:
        """What was known of assets, by name.

        Raises:
            ValueError: the case is damaged.
        """
        path = self.out / "incidents.json"
        try:
            return {asset.name: asset for asset in _ASSETS.validate_python(json.loads(path.read_bytes())["assets"])}
        except (OSError, KeyError, TypeError, ValidationError, json.JSONDecodeError) as error:
            raise ValueError(f"{str(path)!r} is damaged or of another version: {error}; investigate the evidence again") from error

    def again(self, signals: pa.Table, known: Memory) -> Correlated:
        """Correlate some of its signals again, with what is known from before; tracing plays no part."""
        knowledge = Knowledge(lambda name: self.assets.get(name) or Asset(name=name), trusts=known.trusts)
        return correlate(signals.select(SIGNAL_SCHEMA.names), known.baseline, knowledge)


def past(store: Store) -> Iterator[Past]:
    """Yield every case that is still on disk, the newest first.

    Raises:
        ValueError: a case is damaged.
    """
    for case in store.cases():
        path = case.out / "signals.parquet"
        if path.is_file():
            yield Past(case.id, case.out, _signals(path))


def lost(store: Store) -> tuple[Path, ...]:
    """Give the folders of cases that are no longer there: nothing can be compared with them."""
    return tuple(case.out for case in store.cases() if not (case.out / "signals.parquet").is_file())


def told_changes(changes: Iterable[Change], store: Store) -> Changes:
    """Bring together what a change would have done to cases of the past, and how many of them could be looked at."""
    told = tuple(change for change in changes if not change.is_nothing)
    gone = len(lost(store))
    return Changes(told=told, cases=len(store.cases()) - gone, lost=gone)


def judged(signals: pa.Table, said: Mapping[str, Outcome]) -> list[Outcome | None]:
    """Give what people last held each signal to be, by the verdicts on folds."""
    return [said.get(str(fold)) for fold in signals.column("fold").to_pylist()]


def known_for(store: Store, case: Past, said: tuple[Feedback, ...]) -> Memory:
    """Give what was known when a case of the past began, with these words said.

    Raises:
        ValueError: a saved baseline is of another version.
    """
    return remembered_of(store, *store.seen(case.id), said)


def rule_called(store: Store, name: str) -> str:
    """Give the id of the rule with signals in a kept case that has this id, title or beginning of an id; the name itself if none has.

    Raises:
        ValueError: more than one has, or a case is damaged.
    """
    wanted = name.casefold()
    titles = dict(pair for case in past(store) for pair in _titles(case.signals))
    exact = {rule for rule, title in titles.items() if wanted in {rule.casefold(), title.casefold()}}
    found = exact or {rule for rule in titles if len(wanted) >= _SHORTEST_ID and rule.casefold().startswith(wanted)}
    if len(found) > 1:
        raise ValueError(f"{len(found)} rules are called {name!r}: {', '.join(sorted(found)[:_MOST_NAMED])}; give an id")
    return found.pop() if found else name


def words_on_folds(store: Store) -> Mapping[str, Outcome]:
    """Give what people last held each fold to be."""
    return verdicts(store.feedback())


def _titles(signals: pa.Table) -> Iterator[tuple[str, str]]:
    pairs = signals.group_by(["rule", "title"]).aggregate([])
    yield from zip(map(str, pairs.column("rule").to_pylist()), map(str, pairs.column("title").to_pylist()), strict=True)


def _signals(path: Path) -> pa.Table:
    try:
        table = pq.read_table(path)
        if "suppressed" not in table.column_names:
            table = table.append_column("suppressed", pa.nulls(table.num_rows, pa.string()))
        return table.select(CASE_SCHEMA.names).cast(CASE_SCHEMA)
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise ValueError(f"{str(path)!r} is damaged or of another version: {error}; investigate the evidence again") from error

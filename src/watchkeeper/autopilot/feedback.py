"""Feedback: what a person speaks of, and what is kept with their words. Owns finding it; what words mean is `correlation.trust`'s."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute
import pyarrow.parquet as pq

from watchkeeper.autopilot.edits import seen
from watchkeeper.autopilot.history import known_for, past
from watchkeeper.autopilot.what_if import changed
from watchkeeper.correlation import verdicts
from watchkeeper.model.change import Change
from watchkeeper.model.feedback import Feedback, JudgedFold, Kind
from watchkeeper.model.incident import Incident
from watchkeeper.model.missing import MissingError
from watchkeeper.store import Store

pc: Any = pyarrow.compute  # its shipped types know no tables in these places
_COLUMNS = ("id", "session", "rule", "title", "level", "place", "first", "last")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a person speaks of."""

    about: Kind
    id: str
    title: str
    folds: tuple[JudgedFold, ...]


def subject(store: Store, start: str) -> Subject:
    """Find the incident, or else the session, whose id begins so.

    Raises:
        ValueError: there is none, or more than one.
    """
    found = [_incident(one) for one in seen(store).incidents if one.id.startswith(start)]
    found = found or list(_sessions(start, [case.out for case in store.cases()]))
    if len(found) != 1:
        raise MissingError(
            f"{len(found)} incidents or sessions begin with {start!r}; `watchkeeper incidents` lists incidents, folds.parquet has sessions"
        )
    return found[0]


def would_change(words: Feedback, store: Store) -> Iterator[Change]:
    """Yield what would have been otherwise in each case that is still on disk, had these words been said before it was made.

    Raises:
        ValueError: a case is damaged.
    """
    said = store.feedback()
    with_words = (*said, words)
    about = pa.array(sorted({fold.rule for fold in words.folds}), pa.string())
    for case in past(store):
        staying = case.staying
        if pc.any(pc.is_in(staying.column("rule"), value_set=about)).as_py():
            before = case.again(staying, known_for(store, case, said))
            after = case.again(staying, known_for(store, case, with_words))
            yield changed(case.out, staying, before, after, verdicts(with_words))


def _incident(incident: Incident) -> Subject:
    folds = tuple(
        JudgedFold(id=fold.id, rule=fold.rule, level=fold.level, place=fold.place, first=fold.first, last=fold.last)
        for fold in incident.folds
    )
    return Subject("incident", incident.id, incident.title, folds)


def _sessions(start: str, cases: Iterable[Path]) -> Iterator[Subject]:
    """Yield each session that begins so, as the newest case that has it."""
    found: dict[str, list[dict[str, Any]]] = {}
    for case in cases:
        here: dict[str, list[dict[str, Any]]] = {}
        for row in _folds(case, start):
            here.setdefault(str(row["session"]), []).append(row)
        found = here | found
    for session, rows in found.items():
        folds = tuple(JudgedFold.model_validate({name: row[name] for name in JudgedFold.model_fields}) for row in rows)
        yield Subject("session", session, str(rows[0]["title"]), folds)


def _folds(case: Path, start: str) -> list[dict[str, Any]]:
    """Give the folds of the sessions of a case that begin so; a case that is gone has none.

    Raises:
        ValueError: the case is damaged.
    """
    path = case / "folds.parquet"
    if not path.is_file() or not start:
        return []
    try:
        table = pq.read_table(path, columns=list(_COLUMNS))
        return table.filter(pc.starts_with(table.column("session"), start)).to_pylist()
    except (pa.ArrowException, KeyError) as error:
        raise ValueError(f"{str(path)!r} is damaged or of another version: {error}; investigate the evidence again") from error

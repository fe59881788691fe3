"""Edges of whole batches, for storing. Owns turning what the families declare into rows; who is who is decided when they are read.

A process that an event names by GUID is stored under it, one that it names by id alone under host and id; an edge `is` leads from the GUID
to the id where an event names both, so that a reader knows whose id it was at a time. An edge `has` leads from a host to an address that
it used. Addresses stay addresses: which host has which is learnt from what is read.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache, partial
from typing import Any, TypeAlias, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.evidence import origin
from watchkeeper.evidence.naming import number, tail
from watchkeeper.model.batch import Batch
from watchkeeper.model.edges import EDGES, THINGS, thing_id
from watchkeeper.model.event import Event
from watchkeeper.tracing.addresses import CONNECTIONS, Addresses, own_address
from watchkeeper.tracing.columns import Question
from watchkeeper.tracing.fact import Thing, text
from watchkeeper.tracing.families import facts, patterns
from watchkeeper.tracing.families.pattern import Cast, Maker, Pattern, process, this_host
from watchkeeper.tracing.processes import BY_GUID, CREATIONS, NO_GUID, Mention, Processes

IS, HAS = "is", "has"
"""Edges that tell who is who, not what was done."""
_Ends: TypeAlias = "tuple[str, Thing, Thing]"
_NOBODY = np.uint64(0)


class Unresolved(Processes):
    """Processes as each event names them by itself, without knowing of any start."""

    def __init__(self) -> None:
        """Know nothing."""
        super().__init__(())

    def named(self, event: Event, mention: Mention) -> Thing | None:
        """Give the process under its GUID, else under its id."""
        guid, pid, image = text(event, mention.guid).lower(), number(text(event, mention.pid)), text(event, mention.image)
        if guid and guid != NO_GUID:
            return _process(event.host, guid, pid, image)
        return None if pid is None else _process(event.host, str(pid), pid, image)

    def only(self, host: str, image: str) -> Thing:
        """Give the one process of a host with that image."""
        return _process(host, f"only:{tail(image).lower()}", None, image)


def _process(host: str, identity: str, pid: int | None, image: str) -> Thing:
    label = tail(image) or (f"pid {pid}" if pid is not None else "?")
    return Thing(f"process|{host}|{identity}", "process", label, host, {"image": image} if image else {})


class Extraction:
    """Gives the edges of batches; knows from one batch to the next what questions depend on."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._cast = Cast(Unresolved(), Addresses(()))
        self._asked: dict[str, tuple[_Asked, ...]] = {}
        self._whole: dict[str, Question[tuple[_Ends, ...]]] = {}

    def of(self, batch: Batch) -> tuple[pa.Table, pa.Table]:
        """Give the edges (`EDGES`) and the things in them (`THINGS`)."""
        kind = origin(batch.logsource)
        if kind not in self._asked:
            self._asked[kind] = tuple(_Asked(pattern, self._cast) for pattern in (*(patterns(kind) or ()), *_who_is_who(kind)))
            self._whole[kind] = Question(self._shown)
        things: dict[int, Thing] = {}
        found = [asked.of(batch, things) for asked in self._asked[kind]]
        if patterns(kind) is None:
            found.append(_several(batch, self._whole[kind], things))
        rows = [(str(number), thing.key, thing.details.get("image") or thing.label) for number, thing in things.items()]
        return pa.concat_tables([EDGES.empty_table(), *found]), _things(things, rows)

    def _shown(self, event: Event) -> tuple[_Ends, ...]:
        return tuple((fact.kind, fact.source, fact.target) for fact in facts((event,), self._cast))


class _Asked:
    """One pattern as three questions: whether, from whom, to whom."""

    def __init__(self, pattern: Pattern, cast: Cast) -> None:
        self._kind = pattern.kind
        self._when = Question(pattern.when)
        self._source = Question(partial(_made, pattern.source, cast))
        self._target = Question(partial(_made, pattern.target, cast))

    def of(self, batch: Batch, things: dict[int, Thing]) -> pa.Table:
        shown, which = self._when.of(batch)
        rows = np.flatnonzero(np.array(shown, bool)[which])
        if not len(rows):
            return EDGES.empty_table()
        part = batch if len(rows) == batch.table.num_rows else Batch(batch.logsource, batch.table.take(rows))
        source, target = (_numbers(*question.of(part), things) for question in (self._source, self._target))
        whole = (source != _NOBODY) & (target != _NOBODY) & (source != target)
        if self._kind in {IS, HAS}:
            whole &= _first_of_each(source, target)
        places = np.flatnonzero(whole)
        return _edges(self._kind, source[places], target[places], rows[places], batch)


def _made(maker: Maker, cast: Cast, event: Event) -> Thing | None:
    return maker(event, cast)


def _numbers(made: Iterable[Thing | None], which: NDArray[np.int64], things: dict[int, Thing]) -> NDArray[np.uint64]:
    """Give each event's thing as its number, and remember the things; nobody is 0."""
    numbers = [_number(thing, things) for thing in made]
    return np.array(numbers, np.uint64)[which]


def _number(thing: Thing | None, things: dict[int, Thing]) -> int:
    if thing is None:
        return 0
    found = _known(thing.key)
    known = things.get(found)
    if known is None or (not known.details.get("image") and thing.details.get("image")):
        things[found] = thing
    return found


_known = lru_cache(maxsize=1 << 16)(thing_id)


def _first_of_each(source: NDArray[np.uint64], target: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Say which rows are the first with their ends."""
    first = np.zeros(len(source), bool)
    first[np.unique(np.stack([source, target]), axis=1, return_index=True)[1]] = True
    return first


def _several(batch: Batch, question: Question[tuple[_Ends, ...]], things: dict[int, Thing]) -> pa.Table:
    """Give the edges of a question whose answer is any number of them."""
    answers, which = question.of(batch)
    numbered: list[list[tuple[str, int, int]]] = [
        [(kind, _number(source, things), _number(target, things)) for kind, source, target in ends] for ends in answers
    ]
    counts = np.array([len(several) for several in answers], np.int64)[which]
    rows = np.repeat(np.arange(batch.table.num_rows), counts)
    ends: list[tuple[str, int, int]] = [edge for place in cast("list[int]", which.tolist()) for edge in numbered[place]]
    tables = [EDGES.empty_table()]
    for kind in dict.fromkeys(kind for kind, _, _ in ends):
        of = [place for place, (other, _, _) in enumerate(ends) if other == kind]
        source, target = (np.array([ends[place][end] for place in of], np.uint64) for end in (1, 2))
        tables.append(_edges(kind, source, target, rows[of], batch))
    return pa.concat_tables(tables)


def _edges(kind: str, source: NDArray[np.uint64], target: NDArray[np.uint64], rows: NDArray[np.int64], batch: Batch) -> pa.Table:
    times: Any = batch.table.column("_time").combine_chunks()
    return pa.Table.from_arrays(
        [pa.array(source), pa.array(target), pa.repeat(pa.scalar(kind), len(rows)), times.take(pa.array(rows)), pa.array(rows)],
        schema=EDGES,
    )


def _things(things: dict[int, Thing], rows: list[tuple[str, str, str]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    return pa.Table.from_arrays(
        [pa.array(np.array(list(things), np.uint64)), pa.array(columns[1], pa.string()), pa.array(columns[2], pa.string())], schema=THINGS
    )


def _who_is_who(kind: str) -> Iterator[Pattern]:
    """Yield what tells whose id or address something was."""
    for mention in (*([CREATIONS[kind]] if kind in CREATIONS else []), *BY_GUID.get(kind, ())):
        if mention.guid:
            yield Pattern(IS, (), process(mention), process(Mention("", mention.pid, mention.image)))
    if kind in CONNECTIONS:
        yield Pattern(HAS, (), this_host, _own_address)


def _own_address(event: Event, _: Cast) -> Thing | None:
    found = own_address(event)
    return Thing(f"address|{found}", "address", found) if found else None

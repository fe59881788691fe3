"""Tracing by hand: what led to an event or a process, and what it did. Owns finding where to begin; following is `tracing.by_hand`'s."""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory

from watchkeeper.ingest import read
from watchkeeper.lake import GRAPH, Graph, Keeper, Kept
from watchkeeper.model.batch import Batch
from watchkeeper.model.edges import Around, thing_id
from watchkeeper.model.event import Event
from watchkeeper.model.query import Query
from watchkeeper.model.walk import Walk
from watchkeeper.tracing.by_hand import follow, subjects
from watchkeeper.tracing.edges import Extraction
from watchkeeper.tracing.walking import Bounds, Place
from watchkeeper.tracing.whose import begins, rows

_PROCESS = re.compile(r"(?P<host>[^:\s]+):(?P<pid>\d{1,10}|0x[0-9a-f]{1,8})", re.IGNORECASE)
_MOST_STARTS, _MOST_KEYS, _NEAREST = 200, 20_000, 5


@dataclass(frozen=True, slots=True)
class _Record:
    """Kept events and their edges."""

    kept: Kept
    graph: Graph

    def fetch(self, places: Sequence[Place]) -> Iterator[Event]:
        """Yield the events in these places."""
        return self.kept.at([part for part, _ in places], [row for _, row in places])


def trace_by_hand(where: Path, what: str, bounds: Bounds, *, back: bool, forward: bool) -> Walk:
    """Follow an event (its id or the first characters) or a process (`HOST:PID`) through a case, or through evidence that is read first.

    Raises:
        OSError: the folder cannot be read, or a case keeps no events.
        ValueError: nothing is called so, or several are; the message names the nearest.
    """
    with _record(where) as record:
        asked = _PROCESS.fullmatch(what)
        begun = _process(record, asked["host"].lower(), int(asked["pid"], 0)) if asked else (_event(record, what),)
        ways = [way for way, wanted in ((True, back), (False, forward)) if wanted]
        return follow(begun, record.graph.edges, record.graph.name, record.fetch, bounds, ways)


@contextmanager
def _record(where: Path) -> Generator[_Record]:
    if (where / "incidents.json").is_file():
        with _opened(where / "events", where) as record:
            yield record
        return
    if not where.exists():
        raise FileNotFoundError(f"{str(where)!r} is not there; give a case folder, or files and folders of evidence")
    with TemporaryDirectory(prefix="watchkeeper-") as folder:
        keeper, extraction = Keeper(Path(folder)), Extraction()
        for item in read([where]):
            if isinstance(item, Batch):
                keeper.add(item, extraction.of(item))
        keeper.flush()
        with _opened(Path(folder), where) as record:
            yield record


@contextmanager
def _opened(events: Path, where: Path) -> Generator[_Record]:
    graph = Graph(events / GRAPH)
    if not len(graph):
        raise FileNotFoundError(f"no edges are kept in {str(where)!r}: its events show none, or it was made before; investigate it again")
    with closing(Kept(events)) as kept:
        yield _Record(kept, graph)


def _event(record: _Record, text: str) -> Event:
    found = record.kept.beginning(text, _NEAREST + 1)
    if not found:
        near = next((ids for size in range(len(text) - 1, 0, -1) if (ids := record.kept.beginning(text[:size], 3))), list[str]())
        hint = f"; nearest: {', '.join(near)}" if near and len(text) > 1 else ""
        raise ValueError(f"no kept event's id begins with {text!r}{hint}; a process is written HOST:PID")
    if len(found) > 1:
        more = " and more" if len(found) > _NEAREST else ""
        raise ValueError(f"{text!r} is the beginning of several ids: {', '.join(found[:_NEAREST])}{more}; give more characters")
    return next(iter(record.kept.search(Query(ids=(found[0],), limit=1))))


def _process(record: _Record, host: str, pid: int) -> tuple[Event, ...]:
    """Give the event in which the last run of a process id begins, as far as the record goes.

    Raises:
        ValueError: there is none.
    """
    thing = thing_id(f"process|{host}|{pid}")
    begun = list(begins(record.graph.edges, thing, Around(back=True, newest=True, limit=_MOST_STARTS)))
    holders = list(dict.fromkeys(row["source"] if row["kind"] == "is" else thing for row in begun))
    for holder in holders:
        keys = {record.graph.name(thing)[0], record.graph.name(holder)[0]}
        events = record.fetch([(row["part"], row["row"]) for row in begun if row["source"] == holder or row["kind"] != "is"])
        first = next((event for event in events if keys & set(subjects(event))), None)
        if first is not None:
            return (first,)
    acts = rows(record.graph.edges, thing, Around(limit=1))
    if acts:
        return tuple(record.fetch([(row["part"], row["row"]) for row in acts]))
    raise ValueError(_unknown(record, host, pid))


def _unknown(record: _Record, host: str, pid: int) -> str:
    hosts = record.kept.hosts()
    if host not in hosts:
        near = get_close_matches(host, hosts, 3, 0.5) or hosts[:_NEAREST]
        return f"no kept event is about a host {host!r}; there are {', '.join(near)}"
    keys = (key.rpartition("|")[2] for key in record.graph.keys(f"process|{host}|", _MOST_KEYS))
    near = sorted((int(key) for key in keys if key.isdecimal()), key=lambda other: abs(other - pid))[:_NEAREST]
    hint = f"; nearest: {', '.join(map(str, sorted(near)))}" if near else ""
    return f"no process {pid} is known on {host!r}{hint}"

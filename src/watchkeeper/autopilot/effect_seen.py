"""What the record of events shows of an action's effect. Owns what contradicts each action, and who would have told of it.

Silence proves something only if whoever told of such things before goes on telling of others. So every log that told of the target
before the action is a witness; without one that was heard after it, nothing is known. Source of the attributes: `watchkeeper.schema`.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource
from watchkeeper.model.proposal import ActionRecord, Seen, SeenOutcome
from watchkeeper.model.query import Query
from watchkeeper.schema import view

Batches = Callable[[Query], Iterator[Batch]]
_BEFORE = timedelta(days=1)
"""How long before an action whoever told of its target counts as a witness."""
_UNDERWAY = timedelta(seconds=2)
"""What happened so soon after it was done may have been on its way: clocks differ."""
_MOST_READ = 20_000
_MOST_NAMED = 5
_NETWORK = range(4_000, 5_000)
_PROCESS, _FILE, _LOGON, _DNS = 1007, 1001, 3002, 4003
_ON_MACHINES = frozenset({"windows", "linux", "macos"})
"""Products that write on the machine that they tell of; another one is a sensor for all."""
_STOPPED = frozenset({"Fail", "Refuse"})
_UNANSWERED = frozenset({"RSTOS0", "RSTRH", "SH", "SHR", "S0", "REJ"})
"""Zeek's states of connections that nobody answered."""
_LOOPBACK = ("127.", "::1", "0:0:0:0:0:0:0:1")
_BEGINS = frozenset({"Create", "Start", "Launch", "Set", "Set Value", "Modify", "Update", "Enable", "Load"})
_ATTRIBUTES = frozenset({
    "class_uid", "activity_name", "status", "status_code", "action", "disposition", "user.name", "src_endpoint.ip", "dst_endpoint.ip",
    "actor.process.pid", "actor.process.file.path", "process.pid", "process.file.path", "file.path", "reg_key.path", "reg_value.path",
    "query.hostname", "service.name", "job.name",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Row:
    """One event as the schema sees it."""

    id: str
    host: str
    source: LogSource
    has: Mapping[str, Any]

    def text(self, *names: str) -> tuple[str, ...]:
        return tuple(str(self.has[name]).lower() for name in names if self.has.get(name) not in (None, ""))

    def within(self, classes: Collection[int]) -> bool:
        return self.has.get("class_uid") in classes

    @property
    def got_through(self) -> bool:
        stopped = {"blocked", "failure", "denied", "dropped", "quarantined"}.intersection(self.text("status", "action", "disposition"))
        return not stopped and self.has.get("activity_name") not in _STOPPED and self.has.get("status_code") not in _UNANSWERED


@dataclass(frozen=True, slots=True)
class _Effect:
    """How the events tell that an action has no effect."""

    asks: Query
    """Which events may tell of the target."""
    against: Callable[[_Row], bool]
    """Says whether an event shows what the action should have stopped."""


def effect_seen(record: ActionRecord, batches: Batches, now: datetime, window: timedelta, spared: Collection[str] = ()) -> Seen | None:
    """Look in the events from when an action was done to the end of its window; none for an action that events cannot show.

    `spared` are the addresses that responders come from: what they do on an isolated host is no sign that it is not.
    """
    effect = _effect_of(record, spared)
    if effect is None or record.done is None:
        return None
    start, until = record.done + _UNDERWAY, min(record.done + window, now)
    found = [row.id for row in _told(batches, effect, start, until)]
    if found:
        return _seen("not-in-force", now, f"events after it show what it should have stopped: {_named(found)}")
    if now < record.done + window:
        return _seen("unknown", now, "its window is not over yet; nothing speaks against it so far")
    witnesses = _witnesses(record, batches, effect)
    if not witnesses:
        return _seen("unknown", now, "no log told of it before, so none would tell that it goes on")
    heard = [one for one in witnesses if _is_heard(batches, one, record.done + window / 2, now)]
    said = ", ".join(sorted({_called(one) for one in heard or witnesses}))
    if not heard:
        return _seen("unknown", now, f"what told of it before has been silent since: {said}")
    return _seen("in-force", now, f"nothing of it after that, while what told of it before goes on telling of others: {said}")


def _witnesses(record: ActionRecord, batches: Batches, effect: _Effect) -> frozenset[tuple[str, str, str]]:
    """Give the logs, as product, service and machine, that told of the target before."""
    done = cast("datetime", record.done)
    before = [*_told(batches, effect, done - _BEFORE, done)]
    cited = record.proposal.evidence[:_MOST_READ]
    before += [row for row in _rows(batches, Query(ids=cited, limit=len(cited))) if effect.against(row)] if cited else []
    return frozenset((one.source.product, one.source.service, one.host if one.source.product in _ON_MACHINES else "") for one in before)


def _is_heard(batches: Batches, witness: tuple[str, str, str], since: datetime, now: datetime) -> bool:
    product, service, host = witness
    asked = Query(start=since, end=now, hosts=(host,) if host else (), logsources=(LogSource(product=product, service=service),), limit=1)
    return any(batch.table.num_rows for batch in batches(asked))


def _told(batches: Batches, effect: _Effect, start: datetime, end: datetime) -> Iterator[_Row]:
    asked = effect.asks.model_copy(update={"start": start, "end": end, "limit": _MOST_READ})
    return (row for row in _rows(batches, asked) if effect.against(row))


def _rows(batches: Batches, asked: Query) -> Iterator[_Row]:
    for batch in batches(asked):
        for row in view(batch, _ATTRIBUTES.__contains__).to_pylist():
            yield _Row(row["_id"], row["_host"] or "", batch.logsource, row)


def _effect_of(record: ActionRecord, spared: Collection[str]) -> _Effect | None:
    if record.proposal.action == "isolate_host":
        return _Effect(Query(hosts=tuple(sorted(_values(record)))), lambda row: row.within(_NETWORK) and _reaches(row, spared))
    found = _EFFECTS.get(record.proposal.action)
    return found(record) if found else None


def _values(record: ActionRecord) -> frozenset[str]:
    return frozenset(one.value.lower() for one in record.proposal.targets)


def _of_addresses(record: ActionRecord) -> _Effect:
    values = _values(record)
    return _Effect(Query(mentions=tuple(sorted(values))), lambda row: row.within(_NETWORK) and _is_between(row, values))


def _of_domains(record: ActionRecord) -> _Effect:
    values = _values(record)
    return _Effect(Query(mentions=tuple(sorted(values))), lambda row: row.within({_DNS}) and _asks_for(row, values))


def _of_accounts(record: ActionRecord) -> _Effect:
    names = frozenset(map(_bare, _values(record)))
    return _Effect(Query(mentions=tuple(sorted(names))), lambda row: row.within({_LOGON}) and _logs_on(row, names))


def _of_process(record: ActionRecord) -> _Effect:
    said = record.proposal.arguments
    pid, name = said.get("pid", ""), said.get("process", "").lower()
    return _Effect(Query(hosts=(said.get("host", ""),)), lambda row: _is_of_process(row, pid, name))


def _of_file(record: ActionRecord) -> _Effect:
    said = record.proposal.arguments
    path = said.get("path", "").lower()
    return _Effect(Query(hosts=(said.get("host", ""),)), lambda row: path != "" and _uses_file(row, path))


def _of_autostart(record: ActionRecord) -> _Effect:
    said = record.proposal.arguments
    name = said.get("name", "").lower()
    return _Effect(Query(hosts=(said.get("host", ""),)), lambda row: name != "" and _starts_again(row, name))


_EFFECTS: Mapping[str, Callable[[ActionRecord], _Effect]] = {
    "block_address": _of_addresses,
    "block_domain": _of_domains,
    "disable_account": _of_accounts,
    "kill_process": _of_process,
    "quarantine_file": _of_file,
    "remove_autostart": _of_autostart,
}
"""How the events tell of actions on what they are done to; what is not here they cannot show."""


def _is_between(row: _Row, addresses: Collection[str]) -> bool:
    return row.got_through and any(value in addresses for value in row.text("src_endpoint.ip", "dst_endpoint.ip"))


def _asks_for(row: _Row, domains: Collection[str]) -> bool:
    named = [name.rstrip(".") for name in row.text("query.hostname")]
    return row.got_through and any(name == domain or name.endswith(f".{domain}") for name in named for domain in domains)


def _logs_on(row: _Row, names: Collection[str]) -> bool:
    return row.got_through and row.has.get("activity_name") != "Logoff" and any(_bare(name) in names for name in row.text("user.name"))


def _reaches(row: _Row, spared: Collection[str]) -> bool:
    ends = row.text("src_endpoint.ip", "dst_endpoint.ip")
    return row.got_through and bool(ends) and not any(end in spared or end.startswith(_LOOPBACK) for end in ends)


def _is_of_process(row: _Row, pid: str, name: str) -> bool:
    if row.within({_PROCESS}) and row.has.get("activity_name") == "Terminate":
        return False
    ways = (("actor.process.pid", "actor.process.file.path"), ("process.pid", "process.file.path"))
    return any(row.text(number) == (pid,) and any(_tail(path) == name for path in row.text(path)) for number, path in ways)


def _uses_file(row: _Row, path: str) -> bool:
    started = row.within({_PROCESS}) and row.has.get("activity_name") == "Launch" and path in row.text("process.file.path")
    return started or (row.within({_FILE}) and row.has.get("activity_name") in _BEGINS and path in row.text("file.path"))


def _starts_again(row: _Row, name: str) -> bool:
    named = row.text("service.name", "job.name", "reg_key.path", "reg_value.path")
    return row.has.get("activity_name") in _BEGINS and any(text in (name, f"\\{name}") or text.endswith(f"\\{name}") for text in named)


def _bare(account: str) -> str:
    return account.rpartition("\\")[2].partition("@")[0]


def _tail(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]


def _called(witness: tuple[str, str, str]) -> str:
    product, service, host = witness
    return f"{product}/{service}" + (f" on {host}" if host else "")


def _named(ids: list[str]) -> str:
    rest = len(ids) - _MOST_NAMED
    return ", ".join(ids[:_MOST_NAMED]) + (f" (+{rest})" if rest > 0 else "")


def _seen(outcome: SeenOutcome, now: datetime, said: str) -> Seen:
    return Seen(where="telemetry", outcome=outcome, time=now, said=said[:2_000])

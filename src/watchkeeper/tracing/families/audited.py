"""Linux audit: who started what with which command, in whose session, and which files it named. Owns these edges; joining is `audit`'s."""

from collections.abc import Iterator

from watchkeeper.evidence import origin
from watchkeeper.evidence.naming import short, tail
from watchkeeper.model.event import Event
from watchkeeper.tracing.audit import CALLS, executes
from watchkeeper.tracing.fact import Fact, Thing, named, text
from watchkeeper.tracing.families.pattern import Cast, spoken
from watchkeeper.tracing.processes import SYSCALL, SYSCALL_PARENT

KINDS = CALLS | {"auditd EXECVE", "auditd PROCTITLE", "auditd PATH"}
"""Kinds of records read here; the others say by their class what they show."""
_STARTED = ("process.ran", "process.ran.plain")
_CALLED = ("process.called",)
_NAMED = {"CREATE": "wrote", "DELETE": "deleted", "NORMAL": "opened"}


def facts(event: Event, cast: Cast) -> Iterator[Fact]:
    """Yield what one record shows, with what the other records of the same event add."""
    call = cast.processes.audit.call(event)
    actor = cast.processes.named(call, SYSCALL) if call else None
    if call is None or actor is None:
        return
    kind = origin(event.logsource)
    if kind == "auditd PATH":
        yield from _named(event, actor, cast.processes.audit.directory(call))
    elif executes(call):
        yield from _started(event, call, actor, cast)
    elif kind in CALLS:
        yield from _edge("owned", _session(call, cast), actor, event)


def _started(event: Event, call: Event, actor: Thing, cast: Cast) -> Iterator[Fact]:
    """Show the start, told by the record that has the command line where one has."""
    parent = cast.processes.named(call, SYSCALL_PARENT)
    if event is not call:
        yield from _edge("started", parent, actor, event, *_CALLED)
        return
    told = text(call, "proctitle", "cmdline") or not cast.processes.audit.command(call)
    yield from _edge("started", parent, actor, event, *(_STARTED if told else ()))
    yield from _edge("owned", _session(call, cast), actor, event)
    image = text(call, "exe")
    if image and short(image) == image:
        yield from _edge(
            "became", Thing(f"file|{call.host}|{image.lower()}", "file", tail(image), call.host, {"path": image}), actor, event
        )


def _edge(kind: str, source: Thing | None, target: Thing, event: Event, *predicates: str) -> Iterator[Fact]:
    if source is not None and source.key != target.key:
        predicate, said = spoken(predicates, event)
        yield Fact(kind, source, target, event, predicate, said, about_target=True)


def _session(call: Event, cast: Cast) -> Thing | None:
    who = cast.processes.audit.person(call)
    return Thing(f"logon|{call.host}|user:{named(who)}", "logon", who, call.host, {"user": who}) if who else None


def _named(event: Event, actor: Thing, directory: str) -> Iterator[Fact]:
    """Show what a call did to a file: made, removed, or opened it; a relative name lies in the process's folder."""
    name, kind = text(event, "name"), _NAMED.get(text(event, "nametype"), "")
    if name and kind:
        path = name if name.startswith("/") or not directory else f"{directory.rstrip('/')}/{name.removeprefix('./')}"
        file = Thing(f"file|{event.host}|{path.lower()}", "file", tail(path), event.host, {"path": path})
        predicate, said = spoken(("file.appeared", "file.vanished"), event)
        yield Fact(kind, actor, file, event, predicate, said)

"""What a change would have done to earlier cases, in words. Owns the sentences; the comparison is the autopilot's."""

from collections.abc import Iterator, Sequence

import typer

from watchkeeper.model.change import Altered, Change, Changes, NamedIncident, NamedSession
from watchkeeper.reporting.harmless import harmless

_MOST_NAMED = 5


def say_changes(changes: Changes, *, err: bool = False) -> None:
    """Say what would have been otherwise in each case, and which cases could not be looked at; `err` says it on standard error."""
    for change in changes.told:
        for line in change_words(change):
            typer.echo(harmless(line), err=err)
    left = f"; {changes.lost} are no longer on disk" if changes.lost else ""
    typer.echo(f"{len(changes.told)} of {changes.cases} earlier cases would have been otherwise{left}")


def change_words(change: Change) -> Iterator[str]:
    """Say what would have been otherwise in one case."""
    hidden = f" {change.hidden:,} of {change.signals:,} signals would have been worth nothing" if change.hidden else ""
    yield f"{change.case}:{hidden}"
    yield from _some("would not have been an incident", [_named(one) for one in change.gone])
    yield from _some("would have been another", [_altered(one) for one in change.altered])
    yield from _some("would have been an incident besides", [_named(one) for one in change.new])
    yield from _some("would not have been shown", [_session(one) for one in change.unseen])
    yield from _some("would have been shown besides", [_session(one) for one in change.seen])


def _some(what: str, names: Sequence[str]) -> Iterator[str]:
    for name in names[:_MOST_NAMED]:
        yield f"  {what}: {name}"
    if len(names) > _MOST_NAMED:
        yield f"  {what}: {len(names) - _MOST_NAMED} more"


def _named(incident: NamedIncident) -> str:
    return f"{incident.id[:12]} {incident.title!r} (rank {incident.rank}, score {incident.score:.1f})"


def _altered(one: Altered) -> str:
    moved = [f"{count} signals {word}" for word, count in (("less", one.signals), ("more", one.gained)) if count]
    score = f"score {one.before.score:.1f} to {one.after.score:.1f}, rank {one.before.rank} to {one.after.rank}"
    return f"{one.before.id[:12]} {one.before.title!r} ({', '.join([*moved, score])})"


def _session(session: NamedSession) -> str:
    start = session.start.isoformat(" ", "minutes") if session.start else "no time"
    return f"session {session.id[:12]} on {session.host or 'no host'}, {start}, score {session.score:.1f}"

"""`watchkeeper incidents` and `incidents list`. Owns listing what earlier runs and the platform found."""

from collections.abc import Iterator, Mapping, Sequence

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from watchkeeper.cli.desks import AnyDesk, desk_at
from watchkeeper.cli.reopened import reopened_words, seen_words
from watchkeeper.cli.where import Where
from watchkeeper.model.edit import Edit, EditMade, Merge
from watchkeeper.model.page import MOST
from watchkeeper.model.summary import IncidentFilter, IncidentSummary
from watchkeeper.reporting.harmless import harmless

_MOST_LISTED = 10_000


def run(where: Where) -> None:
    """List incidents, those that began last first, which were merged and split, and what is to be looked at again."""
    with desk_at(where) as desk:
        found = tuple(_all(desk, IncidentFilter()))
        edits = list(map(_edit, desk.edits()))
        again = [line for one in desk.reopened() for line in reopened_words(one)]
    _print(found)
    for line in (*map(harmless, (*edits, *_standings(found))), *again):
        typer.echo(line)


def narrowed(asked: Mapping[str, str], where: Where) -> None:
    """List the incidents that fit."""
    with desk_at(where) as desk:
        found = tuple(_all(desk, _filter(asked)))
    _print(found)


def _filter(asked: Mapping[str, str]) -> IncidentFilter:
    try:
        return IncidentFilter.model_validate({name: value for name, value in asked.items() if value})
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"--{first['loc'][0]} {first['input']!r} cannot be used: {first['msg']}") from error


def _all(desk: AnyDesk, wanted: IncidentFilter) -> Iterator[IncidentSummary]:
    after, count = "", 0
    while True:
        page = desk.incidents(wanted, after, MOST)
        yield from page.items
        count += len(page.items)
        if not (after := page.next):
            return
        if count >= _MOST_LISTED:
            typer.echo(f"more than {count:,} incidents; `watchkeeper incidents list` narrows them down", err=True)
            return


def _print(found: Sequence[IncidentSummary]) -> None:
    table = Table("Id", "#", "Start", "Verdict", "State", "What", "People say", box=None, pad_edge=False)
    for one in found:
        start = one.start.isoformat(" ", "minutes") if one.start else "-"
        said = ", ".join(f"{word.verdict} ({word.by})" for word in one.said)
        table.add_row(one.id[:12], str(one.rank), start, one.verdict or "-", _state(one), harmless(one.title), harmless(said))
    Console(markup=False).print(table if table.row_count else "no incidents yet; `watchkeeper investigate` finds them")


def _state(one: IncidentSummary) -> str:
    """Say whether an incident is closed, by word or by a verdict, or open, and since when it is so again."""
    return f"re-opened {one.standing.time:%Y-%m-%d}" if one.status == "re-opened" and one.standing else one.status


def _standings(found: Sequence[IncidentSummary]) -> Iterator[str]:
    """Say why incidents were re-opened and closed, the latest word on each."""
    for last in (one.standing for one in found if one.standing):
        if last.by:
            yield f"{last.state}: incident {last.incident[:12]} by {last.by} on {last.time:%Y-%m-%d %H:%M}: {last.why}"
        else:
            yield from seen_words((last,))


def _edit(made: EditMade) -> str:
    left = "" if made.applies else "; what it speaks of is no longer there"
    return f"{_words(made.edit)} by {made.edit.by}: {made.edit.why}{left}"


def _words(edit: Edit) -> str:
    change = edit.change
    if isinstance(change, Merge):
        return f"{change.other[:12]} is merged into {change.into[:12]}"
    return f"{change.made[:12]} is split off {change.incident[:12]}"

"""`watchkeeper rules explain`. Owns the words and the drawing of an explanation; the walk stands in `detection.explanation`."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text as Styled

from watchkeeper.autopilot.choice import Choice
from watchkeeper.autopilot.explain import Explained, Met, explained, kept_event, meant, piped_events, read_events
from watchkeeper.cli.asked_words import in_words
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.detection.explanation import Explanation, Step, against
from watchkeeper.detection.routing import asked_in_words
from watchkeeper.detection.routing import in_words as source_in_words
from watchkeeper.reporting.harmless import harmless, shown

_MOST_CHARACTERS = 160
_MOST_VALUES = 6
_MOST_PARTS = 12
"""Alternatives that failed are listed up to here; that there are more is said."""
_MOST_PLACES = 6


@dataclass(frozen=True, slots=True)
class Asked:
    """Which event is meant."""

    event: str
    """A file of events, `-` for standard input, or with a case an event's id."""
    row: int | None
    """Record of the file, from 0; none for the one the rule says most of."""
    case: Path | None
    sources: tuple[Path, ...]
    """A person's own sources, to read the file with."""


def run(rule: str, asked: Asked, chosen: Choice, how: str) -> None:
    """Explain each rule that is meant on the event that is meant."""
    with plain_errors():
        one_of("format", how, ("text", "json"))
        found = explained(meant(rule, chosen), _events(asked), chosen.sources())
    if how == "json":
        sys.stdout.write(msgspec.json.format(msgspec.json.encode([_as_json(one) for one in found])).decode() + "\n")
        return
    console = Console(highlight=False, soft_wrap=True)
    for one in found:
        _text(console, one)


def _events(asked: Asked) -> Iterator[Met]:
    if asked.case is not None:
        return iter([kept_event(asked.case, asked.event)])
    if asked.event == "-":
        return piped_events(sys.stdin.buffer, asked.row, asked.sources)
    return read_events(Path(asked.event), asked.row, asked.sources)


def _text(console: Console, one: Explained) -> None:
    explanation, event = one.explanation, one.event
    rule = explanation.rule
    console.print(Styled(harmless(f"{rule.title} ({rule.id}), {rule.level}"), style="bold"))
    console.print(Styled(harmless(f"  {rule.path}")))
    when = event.time.isoformat() if event.time else "at an unknown time"
    console.print(Styled(harmless(f"on event {event.id} of {when}, host {event.host or 'unknown'}")))
    console.print(Styled(harmless(f"  {event.file}, row {event.row}" + (f", chosen from {one.events:,} events" if one.events > 1 else ""))))
    console.print(_verdict(explanation))
    if one.unnamed:
        console.print(Styled(harmless(f"names of selections are not shown: {one.unnamed}")))
    for number, way in enumerate(explanation.ways, 1):
        if len(explanation.ways) > 1:
            console.print(Styled(f"way {number} of {len(explanation.ways)} to read it:"))
        for guard in way.guards:
            _draw(console, guard, 1, wanted=True)
        _draw(console, way.step, 1, wanted=True)
        if not way.holds:
            _say_against(console, [*way.guards, way.step])


def _verdict(explanation: Explanation) -> Styled:
    source, asked = source_in_words(explanation.source), asked_in_words(explanation.rule.source)
    if explanation.fires:
        return Styled(harmless(f"fires: it reads {asked}, which this event of {source} is"), style="green")
    if explanation.ways:
        said = f"does not fire: it reads {asked}, which this event of {source} is, and its condition does not hold"
        return Styled(harmless(said), style="red")
    places = ", ".join(explanation.places[:_MOST_PLACES]) + (", …" if len(explanation.places) > _MOST_PLACES else "")
    reads = f", that is {places}" if places else ", which no known log source is"
    return Styled(harmless(f"does not fire: it reads {asked}{reads}; this event is of {source}"), style="red")


def _draw(console: Console, step: Step, depth: int, *, wanted: bool) -> None:
    console.print(Styled("  " * depth + ("held   " if step.holds else "failed "), style="green" if step.holds is wanted else "red"), end="")
    console.print(Styled(harmless(_line(step))))
    parts = step.parts
    if step.kind == "any":
        held = [part for part in parts if part.holds]
        parts = tuple(held[:_MOST_PARTS] or parts[:_MOST_PARTS])
        left = len(step.parts) - len(parts)
    else:
        left = 0
    for part in parts:
        _draw(console, part, depth + 1, wanted=wanted if step.kind != "not" else not wanted)
    if left:
        said = f"and {left:,} more {'alternative' if left == 1 else 'alternatives'}{'' if step.holds else ' that failed'}"
        console.print(Styled("  " * (depth + 1) + said))


def _line(step: Step) -> str:
    name = f"{step.name}: " if step.name else ""
    match step.kind:
        case "all":
            return f"{name}all of"
        case "any":
            return f"{name}any of"
        case "not":
            return f"{name}not"
        case "test":
            return name + _test(step)


def _test(step: Step) -> str:
    return f"{_asked(step)}  <- {_found(step)}" if step.field else _asked(step)


def _asked(step: Step) -> str:
    called = "" if step.native == step.field else f" ({step.native})"
    return f"{step.field or 'any value'}{called} {in_words(step.test) if step.test else ''}"


def _found(step: Step) -> str:
    if step.found is None:
        return "the event has no such field"
    values = ", ".join(f"'{shown(value, _MOST_CHARACTERS)}'" for value in step.found[:_MOST_VALUES])
    return (values or "an empty list") + (f" and {len(step.found) - _MOST_VALUES:,} more" if len(step.found) > _MOST_VALUES else "")


def _say_against(console: Console, steps: Sequence[Step]) -> None:
    said = dict.fromkeys(_short(part) for step in steps for part in against(step))
    console.print(Styled(harmless(f"what stands against it: {'; '.join(list(said)[:_MOST_PARTS])}"), style="red"))


def _short(step: Step) -> str:
    if step.kind == "not":
        return f"{_called(step.parts[0])} held, and must not"
    return f"{_called(step)} failed"


def _called(step: Step) -> str:
    if step.name or step.kind == "test":
        return step.name or _asked(step)
    parts = ", ".join(_called(part) for part in step.parts[:_MOST_VALUES])
    return f"{len(step.parts):,} {'alternatives' if step.kind == 'any' else 'parts'} ({parts})"


def _as_json(one: Explained) -> dict[str, Any]:
    explanation, event = one.explanation, one.event
    rule = explanation.rule
    return {
        "rule": {"id": rule.id, "title": rule.title, "level": rule.level, "path": rule.path, "source": rule.source},
        "event": {
            "id": event.id,
            "time": event.time,
            "host": event.host,
            "source": event.file,
            "row": event.row,
            "logsource": event.source.model_dump(),
        },
        "fires": explanation.fires,
        "reads": bool(explanation.ways),
        "places": explanation.places,
        "ways": [{"holds": way.holds, "condition": [_step(step) for step in (*way.guards, way.step)]} for way in explanation.ways],
        "unnamed": one.unnamed,
    }


def _step(step: Step) -> dict[str, Any]:
    said: dict[str, Any] = {"kind": step.kind, "holds": step.holds, "name": step.name}
    if step.test is not None:
        return said | {"field": step.field, "native": step.native, "expected": in_words(step.test), "found": step.found}
    return said | {"parts": [_step(part) for part in step.parts]}

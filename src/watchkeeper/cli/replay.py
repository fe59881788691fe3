"""`watchkeeper replay`. Owns stepping through a story on a terminal and its form for machines; the steps are the autopilot's.

It is not `rules replay`, which runs rules again.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text as Styled

from watchkeeper.autopilot.retelling import Retold, retell
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.reporting import say
from watchkeeper.reporting.harmless import harmless, shown
from watchkeeper.reporting.sentences import word
from watchkeeper.reporting.steps import Step
from watchkeeper.reporting.times import lasting, moment
from watchkeeper.settings import read_settings

_MOST_NODES = 8
_LONGEST_SECONDS = 5.0
"""With `--speed` a pause is waited for no longer than this."""
_FORWARD, _BACK, _QUIT = "", "b", "q"


def run(case: Path, rank: int, how: str, pace: tuple[bool, float | None], lang: str | None) -> None:
    """Tell the story of one incident; `pace` says whether all of it comes at once, and how many times faster than it happened."""
    every, speed = pace
    with plain_errors():
        one_of("format", how, ("text", "json"))
        language = read_settings(language=lang).language
        told = retell(case, rank)
    if how == "json":
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(_as_json(told, language))).decode() + "\n")
        return
    console = Console(highlight=False, soft_wrap=True, markup=False, emoji=False)
    _head(console, told, language)
    for place in _places(told, console, (every, speed), language):
        _tell(console, told, told.steps[place], language)
    console.print(say(Note(code="replay.end", arguments=_grown(told, told.steps[-1] if told.steps else None)), language))


def _places(told: Retold, console: Console, pace: tuple[bool, float | None], language: Language) -> Iterator[int]:
    every, speed = pace
    if speed is not None:
        return paced(told.steps, speed, time.sleep)
    if every or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return iter(range(len(told.steps)))
    return asked(len(told.steps), lambda: console.input(say(Note(code="replay.ask"), language)))


def paced(steps: tuple[Step, ...], speed: float, wait: Callable[[float], None]) -> Iterator[int]:
    """Yield each place after its pause, so many times faster than it happened and never longer than a few seconds."""
    for place, step in enumerate(steps):
        if step.pause is not None:
            wait(min(max(0.0, step.pause.total_seconds()) / speed, _LONGEST_SECONDS))
        yield place


def asked(count: int, ask: Callable[[], str]) -> Iterator[int]:
    """Yield places as a person asks for them: an empty answer goes on, `b` back, `q` or the end of the input ends it."""
    place = 0
    while place < count:
        yield place
        if place + 1 == count:
            return
        answer = _answer(ask)
        if answer == _QUIT:
            return
        place = max(0, place - 1) if answer == _BACK else place + 1


def _answer(ask: Callable[[], str]) -> str:
    """Ask until the answer is one that is known."""
    while True:
        try:
            answer = ask().strip().lower()
        except (EOFError, KeyboardInterrupt):
            return _QUIT
        if answer in (_FORWARD, _BACK, _QUIT):
            return answer


def _head(console: Console, told: Retold, language: Language) -> None:
    incident = told.incident
    if incident.synthetic:
        console.print(say(Note(code="replay.synthetic"), language), style="yellow")
    console.print(Styled(harmless(f"#{incident.rank} {incident.title}"), style="bold"))
    if incident.trace:
        console.print(say(incident.trace.entry_note, language))
        if incident.trace.dropped_claims:
            console.print(say(Note(code="replay.dropped", arguments={"count": str(incident.trace.dropped_claims)}), language))
    if not told.steps:
        console.print(say(Note(code="replay.nothing"), language))


def _tell(console: Console, told: Retold, step: Step, language: Language) -> None:
    claim = step.claim
    pause = "" if step.pause is None else f"  (+{lasting(step.pause, language)})"
    console.print(f"\n[{step.number}/{len(told.steps)}] {moment(claim.time)}{pause}")
    console.print(f"  {say(claim, language)}")
    serving = [say(Note(code="replay.tactic", arguments={"tactic": claim.tactic}), language)] if claim.tactic else []
    serving += [say(Note(code="replay.technique", arguments={"technique": name}), language) for name in claim.techniques]
    if serving:
        console.print(f"  {' · '.join(dict.fromkeys(serving))}")
    console.print(f"  {say(Note(code='replay.evidence', arguments={'evidence': ' '.join(step.evidence)}), language)}")
    if step.enters:
        console.print(f"  {say(Note(code='replay.enters', arguments={'host': step.enters}), language)}", style="yellow")
    if step.new:
        console.print(f"  {say(Note(code='replay.grows', arguments=_grown(told, step) | {'new': _nodes(step, language)}), language)}")


def _grown(told: Retold, step: Step | None) -> dict[str, str]:
    return {"known": str(step.known if step else 0), "nodes": str(told.nodes)}


def _nodes(step: Step, language: Language) -> str:
    named = [f"{word(f'kind.{node.kind}', language)} {shown(node.label, 60)}" for node in step.new[:_MOST_NODES]]
    return ", ".join(named) + (f" +{len(step.new) - _MOST_NODES}" if len(step.new) > _MOST_NODES else "")


def _as_json(told: Retold, language: Language) -> dict[str, Any]:
    incident = told.incident
    return {
        "incident": {"id": incident.id, "rank": incident.rank, "title": incident.title, "synthetic": incident.synthetic},
        "nodes": told.nodes,
        "dropped_claims": incident.trace.dropped_claims if incident.trace else 0,
        "steps": [
            {
                "number": step.number,
                "time": step.claim.time,
                "pause_seconds": None if step.pause is None else step.pause.total_seconds(),
                "sentence": say(step.claim, language),
                "claim": step.claim.model_dump(mode="json"),
                "evidence": step.evidence,
                "new": [node.model_dump(mode="json") for node in step.new],
                "enters": step.enters,
                "known": step.known,
            }
            for step in told.steps
        ],
    }

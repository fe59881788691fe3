"""Importing: a CACAO 2.0 document as a playbook. Owns what is understood; what is not becomes a question to people, and is named.

No command of a document is ever carried out here: an action of theirs is work for people, unless our own extension says what it asks for,
and then ethics rules on that as on everything else. A document of others is for no incident until a person writes in `for` which it is for.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from watchkeeper.autopilot.cacao.naming import EXTENSION
from watchkeeper.autopilot.cacao.validity import decoded, faults_of
from watchkeeper.autopilot.playbooks.reading import bounded, sound_playbook
from watchkeeper.model.playbook import MOST_STEPS, Playbook

Object = Mapping[str, Any]
MOST_BYTES = 1 << 20
_MOST_TEXT = 1_500
_MOST_FAULTS = 20
_MOST_ROUNDS = 10
_HOURS = 24 * 3_600
_KINDS: Mapping[str, frozenset[str]] = {
    "action": frozenset({"act", "ask", "assign", "wait", "tell", "escalate"}),
    "if-condition": frozenset({"decide"}),
    "while-condition": frozenset({"repeat"}),
    "parallel": frozenset({"parallel"}),
    "end": frozenset({"end"}),
}
"""Which of our steps each of theirs may say that it is."""
_NEVER: dict[str, Any] = {"none": [{"every": []}]}


@dataclass(frozen=True, slots=True)
class Imported:
    """A playbook, and what of the document people have to know."""

    playbook: Playbook
    by_hand: tuple[str, ...]
    """What was not understood and is asked of people now, a sentence each."""


def imported(body: bytes, called: str) -> Imported:
    """Read a document; a playbook of others is called as given.

    Raises:
        ValueError: it is no valid CACAO 2.0 playbook, or its graph is none of ours; the message names every fault.
    """
    document = _document(body)
    if wrong := faults_of(document):
        raise ValueError(
            f"CACAO playbook {called!r}: {'; '.join(wrong[:20])}" + (f"; and {len(wrong) - 20} more" if len(wrong) > 20 else "")
        )
    if len(document["workflow"]) > 2 * MOST_STEPS:
        raise ValueError(f"CACAO playbook {called!r} has {len(document['workflow']):,} steps; at most {2 * MOST_STEPS} are read")
    reading = _Reading(document["workflow"])
    ours = _mapping(_mapping(document.get("playbook_extensions")).get(EXTENSION))
    told = {
        "name": ours.get("name", called),
        "title": ours.get("title") or _cut(str(document.get("description") or document["name"])),
        "for": ours.get("for", _NEVER),
        "priority": ours.get("priority", 0),
        "start": reading.name(str(_mapping(reading.steps[document["workflow_start"]])["on_completion"])),
        "steps": reading.all_steps(),
    }
    playbook = sound_playbook(told, str(told["name"]), f"CACAO playbook {called!r}")
    if not ours:
        reading.by_hand.append("it says in no words of ours which incidents it is for: until `for` says so, it is for none")
    return Imported(playbook, tuple(reading.by_hand))


def _document(body: bytes) -> Object:
    if len(body) > MOST_BYTES:
        raise ValueError(f"a CACAO playbook has at most {MOST_BYTES >> 20} MiB here")
    try:
        found: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON: {error}"[:200]) from error
    bounded(found)
    if not isinstance(found, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 -- one error for whatever is wrong in a document
    return cast("Object", found)


@dataclass(slots=True)
class _Reading:
    """One document being read."""

    steps: Mapping[str, Object]
    by_hand: list[str] = field(default_factory=list[str])
    _names: dict[str, str] = field(default_factory=dict[str, str])

    def all_steps(self) -> dict[str, Any]:
        """Give every step by its name; switches on what people answered are within the question."""
        answered = {self._switch_of(step) for step in self.steps.values()}
        found: dict[str, Any] = {}
        for id_, step in self.steps.items():
            if step["type"] != "start" and id_ not in answered and not self._is_empty_way(id_):
                found |= self._step(self.name(id_), step)
        return found

    def name(self, id_: str) -> str:
        """Give what a step is called: as our extension says, or by its own name, made unique."""
        if id_ not in self._names:
            told = _ours(self.steps[id_]).get("name")
            self._names[id_] = str(told)[:61] if told else self._unique(_slug(str(self.steps[id_].get("name") or self.steps[id_]["type"])))
        return self._names[id_]

    def _unique(self, wanted: str) -> str:
        taken = {*self._names.values(), *(str(_ours(step).get("name")) for step in self.steps.values())}
        others = (f"{wanted[:50]}-{number}" for number in range(2, 2 * len(self.steps) + 3))
        return next(name for name in (wanted, *others) if name not in taken)

    def _step(self, name: str, step: Object) -> dict[str, Any]:
        if said := _mapping(_ours(step).get("step")):
            if said.get("kind") not in _KINDS.get(str(step["type"]), ()):
                raise ValueError(
                    f"step {name!r} is of type {step['type']!r} and says that it is {str(said.get('kind'))[:40]!r}; it cannot be both"
                )
            return {name: {**said, **self._edges(str(said["kind"]), step)}}
        return self._foreign(name, step)

    def _edges(self, kind: str, step: Object) -> dict[str, Any]:
        """Say what comes after a step of ours, as the document's own pointers say it."""
        if kind == "end":
            return {}
        if kind == "ask":
            return self._answers(step)
        return {"next": self._onward(step), **self._inside(kind, step)}

    def _inside(self, kind: str, step: Object) -> dict[str, Any]:
        """Say what else a step of ours leads to."""
        found: dict[str, Any] = {}
        match kind:
            case "act":
                found = dict(self._failing(step))
            case "wait":
                found = {"on_lapsed": self.name(str(step["on_failure"]))} if "on_failure" in step else {}
            case "decide":
                ways = {"then": step["on_true"], "otherwise": step.get("on_false")}
                found = {key: self.name(id_) for key, id_ in ways.items() if id_ and not self._is_empty_way(id_)}
            case "repeat":
                found = {"body": self.name(step["on_true"])}
            case "parallel":
                found = {"branches": [self.name(id_) for id_ in step["next_steps"]]}
            case _:
                pass
        return found

    def _failing(self, step: Object) -> dict[str, str]:
        """Give both ways of failing; a pointer that was changed in the document itself wins."""
        told = {key: str(_ours(step).get(key)) for key in ("on_refused", "on_ineffective")}
        said = {key: self.name(id_) for key, id_ in told.items() if id_ in self.steps}
        fails = self.name(step["on_failure"]) if "on_failure" in step else ""
        return said if not fails or fails in said.values() else said | {"on_ineffective": fails}

    def _answers(self, step: Object) -> dict[str, Any]:
        switch = self.steps.get(self._switch_of(step) or "")
        if switch is None:
            raise ValueError(f"question {step.get('name')!r} leads to no switch on its answer")
        said = _mapping(_ours(step).get("step")).get("choices")
        choices = [dict(_mapping(one)) for one in cast("list[object]", said)] if isinstance(said, list) else []
        for choice in choices:
            first = switch["cases"].get(choice.get("name"))
            if isinstance(first, str) and not self._is_empty_way(first):
                choice["then"] = self.name(first)
        return {"next": self._onward(switch), "choices": choices}

    def _foreign(self, name: str, step: Object) -> dict[str, Any]:
        match step["type"]:
            case "end":
                return {name: {"kind": "end"}}
            case "parallel":
                return {name: {"kind": "parallel", "branches": [self.name(one) for one in step["next_steps"]], "next": self._onward(step)}}
            case "if-condition":
                ways = {"yes": step["on_true"], "no": step.get("on_false")}
                return {name: self._asking(f"Does this hold: {step['condition']}", ways, step, "no")}
            case "while-condition":
                return self._while(name, step)
            case "switch-condition":
                cases = {_slug(key): id_ for key, id_ in step["cases"].items()}
                return {name: self._asking(f"Which is it: {step['switch']}", {**cases, "none-of-these": None}, step, "none-of-these")}
            case _:
                return {
                    name: self._asking(f"Do by hand: {_work(step)}", {"done": None, "not-done": step.get("on_failure")}, step, "not-done")
                }

    def _while(self, name: str, step: Object) -> dict[str, Any]:
        """Ask people before each round whether it is gone again, a few times at most."""
        asked, ended = self._unique(f"{name[:50]}-asked"), self._unique(f"{name[:50]}-round")
        question = self._asking(f"Does this still hold: {step['condition']}", {"yes": step["on_true"], "no": None}, step, "no")
        again = {"none": [{"step": asked, "answered": ["no"]}]}
        repeated = {"kind": "repeat", "when": again, "body": asked, "most": _MOST_ROUNDS, "next": self._onward(step)}
        return {name: repeated, asked: {**question, "next": ended}, ended: {"kind": "end"}}

    def _asking(self, question: str, ways: Mapping[str, str | None], step: Object, default: str) -> dict[str, Any]:
        self.by_hand.append(f"step {str(step.get('name') or step['type'])[:80]!r} is asked of people: {_cut(question, 200)}")
        choices = [
            {"name": key, "said": key, **({"then": self.name(id_)} if id_ and not self._is_empty_way(id_) else {})}
            for key, id_ in ways.items()
        ]
        asked = {"kind": "ask", "to": "role:responder", "question": _cut(question), "default": default, "within_seconds": _HOURS}
        return {**asked, "choices": choices, "next": self._onward(step)}

    def _onward(self, step: Object) -> str:
        return self.name(step.get("on_completion") or step["on_success"])

    def _switch_of(self, step: Object) -> str | None:
        """Give the switch on what a question of ours was answered."""
        if _mapping(_ours(step).get("step")).get("kind") != "ask":
            return None
        onward = str(step.get("on_completion") or step.get("on_success"))
        return onward if onward in self.steps and self.steps[onward]["type"] == "switch-condition" else None

    def _is_empty_way(self, id_: str) -> bool:
        """Say whether a way is nothing but an end that stands there because the standard wants one."""
        step = self.steps[id_]
        firsts = {
            one
            for other in self.steps.values()
            for one in (other.get("on_true"), other.get("on_false"), *_mapping(other.get("cases")).values())
        }
        return step["type"] == "end" and not _ours(step) and id_ in firsts


def _ours(step: Object) -> Object:
    return _mapping(_mapping(step.get("step_extensions")).get(EXTENSION))


def _work(step: Object) -> str:
    """Say what an action of others is, in their words: its name, description and commands, as text."""
    commands = step.get("commands")
    listed = [_mapping(one) for one in cast("list[object]", commands)] if isinstance(commands, list) else []
    told = [str(one.get("command") or decoded(one.get("command_b64", "")) or one.get("description") or one.get("type")) for one in listed]
    other = f"playbook {step['playbook_id']}" if "playbook_id" in step else ""
    return ": ".join(filter(None, (str(step.get("name", "")), str(step.get("description", "")), other, " | ".join(told))))


def _slug(text: str) -> str:
    found = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:55]
    return found if found[:1].isalpha() else f"step-{found}".strip("-")


def _cut(text: str, most: int = _MOST_TEXT) -> str:
    printable = "".join(one if one.isprintable() else " " for one in text).strip() or "?"
    return printable if len(printable) <= most else f"{printable[:most]}…"


def _mapping(value: object) -> Object:
    return cast("Object", value) if isinstance(value, Mapping) else {}

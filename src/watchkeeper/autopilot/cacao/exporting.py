"""Exporting: a playbook as a CACAO 2.0 document. Owns which of our steps becomes which of theirs.

Ours: an action asks for something that ethics then rules on. Theirs: a command that an agent carries out. So what we export says what
would be asked for (OpenC2 by name and kind of target, values as variables); who runs it elsewhere rules on it by their own policy.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from watchkeeper.autopilot.cacao.conditions import expression
from watchkeeper.autopilot.cacao.naming import AUTHOR, EXTENSION, agent_of, id_of, value_of, variable
from watchkeeper.autopilot.playbooks.wording import VALUES, in_words, with_values
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.condition import FACTS, FLAGS, NUMBERS
from watchkeeper.model.language import Language
from watchkeeper.model.playbook import Act, Ask, Assign, Decide, End, Escalate, Parallel, Playbook, Repeat, Step, Tell, Wait, Wanted, Words
from watchkeeper.response import CATALOGUE

Object = dict[str, Any]
_MADE = datetime(2026, 11, 26, tzinfo=UTC)
"""When playbooks were first told so; versions of a document must agree on it."""
_TYPES: Mapping[str, str] = {
    "decide": "if-condition", "parallel": "parallel", "repeat": "while-condition", "end": "end",
}  # fmt: skip
_EDGES = frozenset({"next", "then", "otherwise", "branches", "body", "on_refused", "on_ineffective", "on_lapsed"})
_TRAITS: Mapping[str, ActionTraits] = {entry.name: entry.traits for entry in CATALOGUE}
_DISCONNECTS = frozenset({"isolate_host"})
_REMOVES = frozenset({"kill_process", "quarantine_file", "remove_autostart"})
_ACCOUNTS = frozenset({"disable_account", "end_sessions"})
_ON_HOSTS = _DISCONNECTS | _REMOVES | {"snapshot_evidence"}


def exported(playbook: Playbook, language: Language, now: datetime) -> Object:
    """Give a playbook as a CACAO document, its words in one language; the ids are the same each time."""
    writing = _Writing(playbook, language, {}, {})
    workflow = writing.workflow()
    commands = [command for step in workflow.values() for command in step.get("commands", ())]
    ours = playbook.model_dump(mode="json", by_alias=True, include={"name", "title", "wanted", "priority"})
    return {
        "type": "playbook",
        "spec_version": "cacao-2.0",
        "id": id_of("playbook", playbook.name),
        "name": playbook.name,
        "description": in_words(playbook.title, language),
        "playbook_types": ["mitigation"],
        "playbook_activities": sorted({command["playbook_activity"] for command in commands}) or ["step-sequence"],
        "playbook_processing_summary": _summary(workflow),
        "created_by": AUTHOR,
        "created": _stamp(_MADE),
        "modified": _stamp(max(now, _MADE)),
        "priority": max(1, 100 - playbook.priority * 99 // 1_000),
        "labels": ["watchkeeper"],
        "playbook_variables": dict(_variables(workflow)),
        "workflow_start": id_of("start", playbook.name),
        "workflow": workflow,
        "playbook_extensions": {EXTENSION: ours},
        "agent_definitions": writing.agents,
        **({"target_definitions": writing.targets} if writing.targets else {}),
        "extension_definitions": {EXTENSION: _extension()},
    }


@dataclass(frozen=True, slots=True)
class _Writing:
    """One document being written: what its steps refer to is gathered on the way."""

    playbook: Playbook
    language: Language
    agents: dict[str, Object]
    targets: dict[str, Object]

    def workflow(self) -> dict[str, Object]:
        """Give every step by its id."""
        begins = {"type": "start", "name": "start", "on_completion": self._id(self.playbook.start, "")}
        found = {id_of("start", self.playbook.name): begins}
        waiting, seen = [(self.playbook.start, "")], set[tuple[str, str]]()
        while waiting:
            name, way = waiting.pop(0)
            if (name, way) in seen:
                continue
            seen.add((name, way))
            for id_, told, leads in self._written(name, way):
                found[id_] = told
                waiting.extend(leads)
        return found

    def _id(self, name: str, way: str) -> str:
        """Give the id of a step; an end is unique to its way, as the standard wants it."""
        step = self.playbook.steps[name]
        own = (self.playbook.name, name, *((way,) if isinstance(step, End) else ()))
        return id_of(_TYPES.get(step.kind, "action"), *own)

    def _written(self, name: str, way: str) -> Iterator[tuple[str, Object, list[tuple[str, str]]]]:
        step = self.playbook.steps[name]
        leads = [(other, way) for other in _onward(step)]
        said = {"type": _TYPES.get(step.kind, "action"), "name": name, **self._extended(step, name, way)}
        match step:
            case End():
                yield self._id(name, way), said, []
            case Decide():
                ways = (("on_true", step.then), ("on_false", step.otherwise))
                yield from self._with_ways(name, said | {"condition": expression(step.when)}, ways, (step.next, way))
            case Repeat():
                ways = (("on_true", step.body),)
                yield from self._with_ways(name, said | {"condition": expression(step.when)}, ways, (step.next, way))
            case Parallel():
                branches = [(first, f"{name}/{first}") for first in step.branches]
                said |= {"next_steps": [self._id(*one) for one in branches], "on_completion": self._id(step.next, way)}
                yield self._id(name, way), said, [*branches, (step.next, way)]
            case Ask():
                yield from self._asked(name, step, said, way)
            case _:
                yield self._id(name, way), said | self._commanded(step) | self._goes_on(step, way), leads

    def _with_ways(
        self, name: str, said: Object, ways: tuple[tuple[str, str | None], ...], after: tuple[str, str]
    ) -> Iterator[tuple[str, Object, list[tuple[str, str]]]]:
        leads = [after]
        for key, first in ways:
            if first:
                leads.append((first, f"{name}/{first}"))
                said[key] = self._id(first, f"{name}/{first}")
            elif key == "on_true":  # the standard wants one
                said[key] = id_of("end", self.playbook.name, name, key)
                yield said[key], {"type": "end", "name": f"{name}-nothing"}, []
        yield self._id(name, ""), said | {"on_completion": self._id(*after)}, leads

    def _asked(self, name: str, step: Ask, said: Object, way: str) -> Iterator[tuple[str, Object, list[tuple[str, str]]]]:
        """Write a question as an action of people and the switch on what they answered."""
        switch, answer, leads = id_of("switch-condition", self.playbook.name, name), f"answer_{name}", [(step.next, way)]
        cases: dict[str, str] = {}
        for choice in step.choices:
            if choice.then:
                leads.append((choice.then, f"{name}/{choice.then}"))
                cases[choice.name] = self._id(choice.then, f"{name}/{choice.then}")
            else:
                cases[choice.name] = id_of("end", self.playbook.name, name, choice.name)
                yield cases[choice.name], {"type": "end", "name": f"{name}-{choice.name}"}, []
        choices = "; ".join(f"{one.name}: {self._said(one.said)}" for one in step.choices)
        asks = f"{self._said(step.question)} ({choices}; {step.default} if nobody answers)"
        people = {"commands": [_manual(asks, "step-sequence")], "agent": self._people(step.to), "out_args": [variable(answer)]}
        yield self._id(name, way), said | people | {"timeout": step.within_seconds * 1_000, "on_completion": switch}, []
        told = {"type": "switch-condition", "name": f"{name}-answered", "switch": value_of(answer), "cases": cases}
        yield switch, told | {"on_completion": self._id(step.next, way)}, leads

    def _commanded(self, step: Act | Assign | Wait | Tell | Escalate) -> Object:
        match step:
            case Act():
                commands = [_openc2(wanted) for wanted in step.actions]
                agent = self._equipment(step.actions)
                return {"commands": commands, "agent": agent, "targets": [self._target()], "timeout": step.within_seconds * 1_000}
            case Assign():
                return {
                    "commands": [_manual("Take over the incident __incident__:value.", "step-sequence")],
                    "agent": self._people(step.to),
                }
            case Wait():
                until = f"Wait until {expression(step.until)}, at most" if step.until else "Wait"
                told = _manual(f"{until} {step.seconds} seconds.", "step-sequence")
                return {"commands": [told], "agent": self._people("role:analyst"), "timeout": step.seconds * 1_000}
            case Tell():
                told = _manual(f"Tell: {self._said(step.say)}", "deliver-content")
                return {"commands": [told], "agent": self._people("role:analyst")}
            case Escalate():
                told = _manual(f"Hand on: {self._said(step.say)}", "deliver-content")
                return {"commands": [told], "agent": self._people(step.to)}

    def _goes_on(self, step: Act | Assign | Wait | Tell | Escalate, way: str) -> Object:
        onward = self._id(step.next, way)
        fails = step.on_ineffective or step.on_refused if isinstance(step, Act) else step.on_lapsed if isinstance(step, Wait) else None
        return {"on_success": onward, "on_failure": self._id(fails, way)} if fails else {"on_completion": onward}

    def _extended(self, step: Step, name: str, way: str) -> Object:
        """Give what our extension says of a step: everything but what comes next, which stands in the document's own words."""
        told = {key: value for key, value in step.model_dump(mode="json", exclude_defaults=True).items() if key not in _EDGES}
        if "choices" in told:
            told["choices"] = [{key: value for key, value in one.items() if key not in _EDGES} for one in told["choices"]]
        refused = {"on_refused": self._id(step.on_refused, way)} if isinstance(step, Act) and step.on_refused else {}
        ineffective = {"on_ineffective": self._id(step.on_ineffective, way)} if isinstance(step, Act) and step.on_ineffective else {}
        return {"step_extensions": {EXTENSION: {"name": name, "step": told | {"kind": step.kind}, **refused, **ineffective}}}

    def _said(self, words: Words) -> str:
        """Say a text, with variables where the values of an incident would be."""
        return in_words(with_values(words, {name: value_of(name) for name in VALUES}), self.language)

    def _people(self, party: str) -> str:
        id_ = agent_of(party)
        self.agents[id_] = {"type": id_.partition("--")[0], "name": party, "description": "whoever holds this role, or is called so"}
        return id_

    def _equipment(self, actions: tuple[Wanted, ...]) -> str:
        categories = sorted({_category(one.action) for one in actions})
        id_ = id_of("security-category", *categories)
        self.agents[id_] = {"type": "security-category", "name": " and ".join(categories), "category": categories}
        return id_

    def _target(self) -> str:
        id_ = id_of("group", "targets")
        self.targets[id_] = {"type": "group", "name": value_of("targets"), "description": "what the incident gives reason to act on"}
        return id_


def _onward(step: Step) -> tuple[str, ...]:
    found = (getattr(step, key, None) for key in ("next", "on_refused", "on_ineffective", "on_lapsed"))
    return tuple(dict.fromkeys(name for name in found if name))


def _openc2(wanted: Wanted) -> Object:
    traits = _TRAITS.get(wanted.action)
    action, target = traits.openc2 if traits else ("x-watchkeeper", wanted.action)
    seconds = wanted.expiry_seconds or (traits.expiry_seconds if traits else None)
    told: Object = {"action": action, "target": {target: value_of("targets")}}
    body = json.dumps(told | ({"args": {"duration": seconds * 1_000}} if seconds else {}), sort_keys=True)
    return {
        "type": "openc2-http",
        "description": wanted.action,
        "playbook_activity": _activity(wanted.action),
        "command": "POST /.well-known/openc2 HTTP/1.1",
        "content_b64": base64.b64encode(body.encode()).decode("ascii"),
        "headers": {"Content-Type": ["application/openc2-cmd+json;version=1.0"]},
    }


def _manual(text: str, activity: str) -> Object:
    return {"type": "manual", "playbook_activity": activity, "command_b64": base64.b64encode(text.encode()).decode("ascii")}


def _activity(action: str) -> str:
    if action in _DISCONNECTS:
        return "disconnect-system"
    return "eliminate-risk" if action in _REMOVES else "analyze-collected-data" if action == "snapshot_evidence" else "restrict-access"


def _category(action: str) -> str:
    return "endpoint" if action in _ON_HOSTS else "aaa" if action in _ACCOUNTS else "firewall"


def _variables(workflow: Mapping[str, Object]) -> Iterator[tuple[str, Object]]:
    for name in ("incident", "targets", "title", "hosts", "attackers", "accounts"):
        yield variable(name), {"type": "string", "description": f"{name} of the incident, joined by commas", "external": True}
    for fact in FACTS:
        kind = "bool" if fact in FLAGS else "float" if fact in NUMBERS else "string"
        yield variable(fact), {"type": kind, "description": f"what is known of the incident: {fact}", "external": True}
    for step in workflow.values():
        if step["type"] == "action":
            name = step["name"]
            yield variable(f"became_{name}"), {"type": "string", "description": f"how step {name} came out"}
        for answer in step.get("out_args", ()):
            yield answer, {"type": "string", "description": f"what was answered in step {step['name']}"}


def _summary(workflow: Mapping[str, Object]) -> Object:
    types = {step["type"] for step in workflow.values()}
    return {
        "parallel_processing": "parallel" in types,
        "if_logic": "if-condition" in types,
        "while_logic": "while-condition" in types,
        "switch_logic": "switch-condition" in types,
        "temporal_logic": any("timeout" in step for step in workflow.values()),
        "extensions": True,
    }


def _extension() -> Object:
    return {
        "type": "extension-definition",
        "name": "Watchkeeper step",
        "description": "What a step says beyond CACAO: kinds of questions and waits, exact conditions, choice of targets.",
        "created_by": AUTHOR,
        "schema": "`name`: the step's name; `step`: its fields as docs/playbooks.md lists them, without what comes next",
        "version": "1.0.0",
    }


def _stamp(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

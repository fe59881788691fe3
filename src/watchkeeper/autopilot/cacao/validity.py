"""What makes a CACAO 2.0 document valid, as far as it can be seen offline. Owns the rules; each sentence of a fault names the object.

Source: CACAO 2.0, sections 3 (metadata), 4 (workflow steps), 5 (commands), 7 (agents and targets), 8 (extensions), 10 (data types).
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from watchkeeper.autopilot.cacao.naming import IDENTIFIER

Object = Mapping[str, Any]
_REQUIRED = ("type", "spec_version", "id", "name", "created_by", "created", "modified", "workflow_start", "workflow")
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$")
"""Three digits, as the standard says; six are what the reference implementation writes."""
_VARIABLE = re.compile(r"^__[a-zA-Z_][a-zA-Z0-9_-]{0,199}__$")
_PROPERTY = re.compile(r"^[a-z0-9_]{3,250}$")
_STEP_REQUIRES: Mapping[str, tuple[str, ...]] = {
    "start": ("on_completion",),
    "end": (),
    "action": ("commands", "agent"),
    "playbook-action": ("playbook_id",),
    "parallel": ("next_steps",),
    "if-condition": ("condition", "on_true"),
    "while-condition": ("condition", "on_true"),
    "switch-condition": ("switch", "cases"),
}
_CALLED: Mapping[type, str] = {str: "text", list: "a list", dict: "an object"}
_OF_PLAYBOOK: Mapping[str, type] = {
    **dict.fromkeys(_REQUIRED, str),
    **dict.fromkeys(("playbook_types", "playbook_activities"), list),
    **dict.fromkeys(
        ("workflow", "agent_definitions", "target_definitions", "extension_definitions", "playbook_variables", "playbook_extensions"), dict
    ),
}
_OF_STEP: Mapping[str, type] = {
    **dict.fromkeys(("type", "name", "description", "agent", "condition", "on_true", "on_false", "switch", "playbook_id"), str),
    **dict.fromkeys(("on_completion", "on_success", "on_failure"), str),
    **dict.fromkeys(("next_steps", "targets", "commands", "in_args", "out_args"), list),
    **dict.fromkeys(("cases", "step_extensions", "step_variables"), dict),
}
_OF_COMMAND: Mapping[str, type] = dict.fromkeys(("type", "command", "command_b64", "content_b64", "description"), str)
_ONWARD = ("on_completion", "on_success", "on_failure")


def faults_of(document: Object) -> tuple[str, ...]:
    """Give every fault of a document as a sentence; none if it is valid. Where a part is of another JSON type, only that is told."""
    return tuple(dict.fromkeys(_shapes(document))) or tuple(dict.fromkeys(_faults(document)))


def leads_of(step: Object) -> tuple[str, ...]:
    """Give the ids of the steps that a step refers to, those within it first."""
    inside = [step.get("on_true"), step.get("on_false"), *_texts(step.get("next_steps")), *_mapping(step.get("cases")).values()]
    return tuple(id_ for id_ in (*inside, *(step.get(key) for key in _ONWARD)) if isinstance(id_, str))


def _shapes(document: Object) -> Iterator[str]:
    """Find what is of another JSON type than the standard says, level by level, so that what comes after may rely on it."""
    wrong = [*_shaped("the playbook", document, _OF_PLAYBOOK)]
    steps: list[Object] = []
    for id_, value in _mapping(None if wrong else document.get("workflow")).items():
        wrong += _shaped(f"step {id_[:120]!r}", value, _OF_STEP)
        steps.append(_mapping(value))
    yield from wrong
    for step in [] if wrong else steps:
        for command in _listed(step.get("commands")):
            yield from _shaped("a command", command, _OF_COMMAND)
        named = [*_listed(step.get("next_steps")), *_listed(step.get("targets")), *_mapping(step.get("cases")).values()]
        if not all(isinstance(one, str) for one in named):
            yield "a list of steps or targets, or a case, holds something that is no text"


def _shaped(where: str, one: object, kinds: Mapping[str, type]) -> Iterator[str]:
    if not isinstance(one, Mapping):
        yield f"{where} is no object"
    told = _mapping(cast("object", one))
    for name, kind in kinds.items():
        if name in told and not isinstance(told[name], kind):
            yield f"{where}: {name!r} must be {_CALLED[kind]}"


def _faults(document: Object) -> Iterator[str]:
    for name in _REQUIRED:
        if name not in document:
            yield f"the playbook has no {name!r}"
    if document.get("type") != "playbook" or document.get("spec_version") != "cacao-2.0":
        yield "`type` must be 'playbook' and `spec_version` 'cacao-2.0'"
    yield from _metadata(document)
    yield from _defined(document)
    yield from _workflow(document)


def _metadata(document: Object) -> Iterator[str]:
    for name, of_type in (("id", "playbook"), ("created_by", "identity"), ("workflow_start", "start")):
        if name in document and _type(document[name]) != of_type:
            yield f"{name!r} is no identifier {of_type}--UUID"
    for name in ("created", "modified", "valid_from", "valid_until"):
        if name in document and not (isinstance(document[name], str) and _STAMP.match(document[name]) and _is_time(document[name])):
            yield f"{name!r} is no time such as 2026-11-26T00:00:00.000Z"
    if (
        isinstance(document.get("created"), str)
        and isinstance(document.get("modified"), str)
        and document["modified"] < document["created"]
    ):
        yield "'modified' is before 'created'"
    for name in ("priority", "severity", "impact"):
        value = document.get(name, 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100:
            yield f"{name!r} must be a whole number from 0 to 100"
    if document.get("playbook_types") and not document.get("playbook_activities"):
        yield "with 'playbook_types' there must be 'playbook_activities'"


def _defined(document: Object) -> Iterator[str]:
    for name, value in _mapping(document.get("playbook_variables")).items():
        if not _VARIABLE.match(name) or "type" not in _mapping(value):
            yield f"variable {name!r} needs a name such as __name__ and a 'type'"
    for dictionary in ("agent_definitions", "target_definitions"):
        for id_, value in _mapping(document.get(dictionary)).items():
            one = _mapping(value)
            if _type(id_) is None or not one.get("name") or one.get("type") != _type(id_):
                yield f"{dictionary}: {id_!r} needs an identifier of its 'type' and a 'name'"
            if one.get("type") == "security-category" and not one.get("category"):
                yield f"{dictionary}: {id_!r} needs a 'category'"
            if one.get("type") in {"http-api", "net-address", "ssh", "linux"} and not one.get("address"):
                yield f"{dictionary}: {id_!r} needs an 'address'"
    for id_, value in _mapping(document.get("extension_definitions")).items():
        if _type(id_) != "extension-definition" or any(
            not _mapping(value).get(name) for name in ("name", "created_by", "schema", "version")
        ):
            yield f"extension {id_!r} needs 'name', 'created_by', 'schema' and 'version'"


def _workflow(document: Object) -> Iterator[str]:
    steps = _mapping(document.get("workflow"))
    types = {_mapping(step).get("type") for step in steps.values()}
    if not {"start", "end"} <= types or not types & {"action", "playbook-action"}:
        yield "the workflow needs a start, an action and an end"
    if document.get("workflow_start") not in steps:
        yield "'workflow_start' is no step of the workflow"
    for id_, value in steps.items():
        step = _mapping(value)
        where = f"step {id_[:120]!r}"
        if step.get("type") not in _STEP_REQUIRES or _type(id_) != step.get("type"):
            yield f"{where} needs an identifier of its 'type', which is one of {', '.join(_STEP_REQUIRES)}"
            continue
        yield from (f"{where} {fault}" for fault in _step(step, document, steps))
    yield from _unique_ends(steps)


def _step(step: Object, document: Object, steps: Object) -> Iterator[str]:
    for name in _STEP_REQUIRES[str(step["type"])]:
        if not step.get(name):
            yield f"has no {name!r}"
    for id_ in leads_of(step):
        if id_ not in steps:
            yield f"refers to {id_[:120]!r}, which is no step of the workflow"
    yield from _pointers(step)
    if step["type"] == "parallel" and len(_texts(step.get("next_steps"))) < 2:
        yield "needs two steps in 'next_steps' at least"
    for name in ("delay", "timeout"):
        value = step.get(name, 1)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            yield f"{name!r} must be a whole number of milliseconds"
    yield from _references(step, document)


def _pointers(step: Object) -> Iterator[str]:
    if "on_completion" in step and ("on_success" in step or "on_failure" in step):
        yield "has 'on_completion' beside 'on_success' or 'on_failure'"
    if step["type"] == "end" and any(name in step for name in _ONWARD):
        yield "is an end and leads on"
    if step["type"] != "end" and "on_completion" not in step and "on_success" not in step:
        yield "leads nowhere: it needs 'on_completion' or 'on_success'"


def _references(step: Object, document: Object) -> Iterator[str]:
    agents, targets = _mapping(document.get("agent_definitions")), _mapping(document.get("target_definitions"))
    if step.get("agent") is not None and step["agent"] not in agents:
        yield "has an 'agent' that is not defined"
    if any(target not in targets for target in _texts(step.get("targets"))):
        yield "has a target that is not defined"
    variables = {*_mapping(document.get("playbook_variables")), *_mapping(step.get("step_variables"))}
    if any(name not in variables for name in (*_texts(step.get("in_args")), *_texts(step.get("out_args")))):
        yield "has arguments that are no variables"
    for extension, value in _mapping(step.get("step_extensions")).items():
        if extension not in _mapping(document.get("extension_definitions")):
            yield f"uses extension {extension[:120]!r}, which is not defined"
        if any(not _PROPERTY.match(name) for name in _mapping(value)):
            yield "has properties of an extension with other letters than a-z, 0-9 and _"
    for command in _listed(step.get("commands")):
        yield from _command(_mapping(command))


def _command(command: Object) -> Iterator[str]:
    kind = command.get("type")
    if not isinstance(kind, str):
        yield "has a command without 'type'"
    if kind == "manual" and not (command.get("command") or command.get("command_b64")):
        yield "has a manual command without text"
    if kind == "openc2-http" and not (str(command.get("command", "")).startswith("POST ") and command.get("content_b64")):
        yield "has an OpenC2 command without a POST line or content"
    for name in ("content_b64", "command_b64"):
        if name in command and decoded(command[name]) is None:
            yield f"has {name!r} that is not base64"


def decoded(text: object) -> str | None:
    """Decode base64 of UTF-8; none if it is not."""
    try:
        return base64.b64decode(str(text), validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _unique_ends(steps: Object) -> Iterator[str]:
    """Find ends that several ways share: the standard wants one to each, so that it is seen which step goes on."""
    owners: dict[str, set[str]] = {}
    for id_, value in steps.items():
        step = _mapping(value)
        for first in leads_of({name: part for name, part in step.items() if name not in _ONWARD}):
            for end in _ends(first, steps):
                owners.setdefault(end, set()).add(f"{id_}/{first}")
    yield from (f"end {end!r} closes more than one way" for end, ways in owners.items() if len(ways) > 1)


def _ends(first: str, steps: Object) -> Iterator[str]:
    waiting, seen = [first], set[str]()
    while waiting:
        id_ = waiting.pop()
        if id_ in seen or id_ not in steps:
            continue
        seen.add(id_)
        step = _mapping(steps[id_])
        if step.get("type") == "end":
            yield id_
        waiting.extend(str(step[name]) for name in _ONWARD if name in step)


def _mapping(value: object) -> Object:
    return cast("Object", value) if isinstance(value, Mapping) else {}


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [one for one in _listed(value) if isinstance(one, str)]


def _type(value: object) -> str | None:
    found = IDENTIFIER.match(value) if isinstance(value, str) else None
    return found.group(1) if found else None


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True

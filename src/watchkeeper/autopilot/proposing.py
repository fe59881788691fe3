"""From a plan to proposals: what a step of a playbook asks for, with everything that has to be the same when it is carried out.

Owns the choice of targets and the arguments; whether any of it may be done is decided in `brain.ethics`, which believes none of it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from watchkeeper.autopilot.playbooks.facts import attack_of
from watchkeeper.autopilot.witnesses import Witnesses
from watchkeeper.model.action import Action
from watchkeeper.model.asset import Asset
from watchkeeper.model.asset_role import UNKNOWN
from watchkeeper.model.autonomy import ActionTraits
from watchkeeper.model.entity import Entity
from watchkeeper.model.incident import Incident
from watchkeeper.model.playbook import Targets, Wanted
from watchkeeper.model.proposal import Proposal
from watchkeeper.model.trace import Node

_HASHES = {32: "md5", 40: "sha1", 64: "sha256"}
_HASH = re.compile(r"(?:(\w+)=)?(?<![0-9A-Fa-f])([0-9A-Fa-f]{32,64})(?![0-9A-Fa-f])")
_ON_A_HOST = frozenset({"process", "file", "registry", "service", "task"})


@dataclass(frozen=True, slots=True)
class Reasons:
    """What proposals of one incident are made from, beside the incident."""

    tenant: str
    """Whose it is."""
    asked_by: str
    """Who asks, such as `playbook:intrusion`."""
    asset_of: Callable[[str], Asset]
    """Gives what is known of a host or account."""
    witnesses: Witnesses
    """Tells which events speak for an action, and how many kinds of evidence they are."""
    traits_of: Callable[[str], ActionTraits | None]
    """Gives what an action of the catalogue is."""


def proposals(incident: Incident, wanted: Wanted, reasons: Reasons) -> tuple[Proposal, ...]:
    """Give a proposal for each thing that a step wants acted on; none if the plan gives no reason for any."""
    return tuple(_proposal(incident, action, wanted, reasons) for action in targeted(incident, wanted, reasons.asset_of))


def targeted(incident: Incident, wanted: Wanted, asset_of: Callable[[str], Asset]) -> tuple[Action, ...]:
    """Give the actions of the plan that a step means, in its order.

    What a playbook names itself is acted on only if the plan suggests it too: an incident has to give reason for every action.
    """
    planned = (action for action in incident.plan.actions if action.name == wanted.action) if incident.plan else ()
    meant = (action for action in planned if _is_meant(action.target, wanted.targets, asset_of))
    return tuple(action for action, _ in zip(meant, range(wanted.targets.most), strict=False))


def _is_meant(target: Entity, wanted: Targets, asset_of: Callable[[str], Asset]) -> bool:
    if wanted.named and target not in wanted.named:
        return False
    asset = asset_of(host_of(target) or target.value)
    role = asset.role or UNKNOWN
    if (wanted.roles and role not in wanted.roles) or role in wanted.not_roles:
        return False
    return wanted.protected is None or asset.protected is wanted.protected


def host_of(target: Entity) -> str:
    """Give the host that a target is, or is on; empty for what is on none."""
    if target.kind == "host":
        return target.value
    return target.value.partition(":")[0] if target.kind in _ON_A_HOST else ""


def _proposal(incident: Incident, action: Action, wanted: Wanted, reasons: Reasons) -> Proposal:
    traits, told = reasons.traits_of(action.name), reasons.witnesses.of(incident, action)
    return Proposal(
        tenant=reasons.tenant,
        incident=incident.id,
        action=action.name,
        targets=(action.target,),
        arguments=arguments(incident, action.target),
        evidence=told.events,
        kinds=told.kinds,
        confidence=attack_of(incident),
        blast_radius=action.blast_radius,
        undoable=action.undo is not None and (traits is None or traits.undoable),
        expiry_seconds=_expiry(action, wanted, traits),
        asked_by=reasons.asked_by,
    )


def _expiry(action: Action, wanted: Wanted, traits: ActionTraits | None) -> int | None:
    """Give after how long it ends: what the playbook asks for, but never later than what the catalogue says of it."""
    most = action.expiry_seconds or (traits.expiry_seconds if traits else None)
    return min(wanted.expiry_seconds or most, most) if most else wanted.expiry_seconds


def arguments(incident: Incident, target: Entity) -> dict[str, str]:
    """Give what an action has to know of its target: host, process id, start and image, path, hashes, from what the trace saw of it."""
    host = host_of(target)
    if not host or target.kind == "host":
        return {"host": host} if host else {}
    name = target.value.partition(":")[2]
    node = next((node for node in incident.trace.nodes if _is_of(node, target, host, name)), None) if incident.trace else None
    said = dict(_of_process(name, node)) if target.kind == "process" else {"path" if target.kind == "file" else "name": name}
    return {"host": host, **said, **dict(_hashes(node.details if node else {}))}


def _of_process(name: str, node: Node | None) -> Iterator[tuple[str, str]]:
    pid, _, label = name.partition(" ")
    yield from (("pid", pid), ("process", label))
    if node and node.details.get("image"):
        yield "image", node.details["image"]
    if node and node.time:  # a process id is given out again: with its start it is this one
        yield "started", node.time.isoformat()


def _is_of(node: Node, target: Entity, host: str, name: str) -> bool:
    if node.kind != target.kind or node.host != host:
        return False
    if target.kind == "process":
        return name == f"{node.details.get('pid', '?')} {node.label}"
    return name == node.details.get("path", node.label)


def _hashes(details: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for text in (details.get("hash", ""), details.get("sha256", "")):
        for called, digits in _HASH.findall(text):
            name = _HASHES.get(len(digits), "")
            if name and called.lower() in {"", name}:  # an import hash has as many digits as MD5 and names no file
                yield name, digits.lower()


def asked_by(playbook: str) -> str:
    """Say of a proposal that a playbook asks for it."""
    return f"playbook:{playbook}"

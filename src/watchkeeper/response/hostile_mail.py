"""Hostile mail: which mails of a trace are to be kept from people. Owns the reading that the actions on mail share."""

from collections.abc import Iterator
from dataclasses import dataclass

from watchkeeper.model.trace import Node, Trace
from watchkeeper.response.catalogue import touched

MOST = 20
"""Suggestions of one kind for one incident."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that the attack sent, with its Message-ID."""

    node: Node
    message_id: str
    sender: str
    mailboxes: tuple[str, ...]
    """Where it was delivered."""


def hostile_mails(trace: Trace) -> Iterator[Mail]:
    """Yield mails that a signal fired on or that an attacker sent; one without a Message-ID cannot be told from others and is left out."""
    attackers = {entity.value.lower() for entity in trace.attackers}
    people = {node.id: node.details.get("user", node.label).lower() for node in trace.nodes if node.kind == "user"}
    for node in touched(trace, "mail"):
        found, sender = node.details.get("message_id", ""), node.details.get("from", "").rpartition("<")[2].strip("<> ").lower()
        if not found or not (node.alerted or sender in attackers):
            continue
        reached = (people.get(edge.target, "") for edge in trace.edges if edge.source == node.id and edge.kind == "delivered")
        yield Mail(node, found, sender, tuple(dict.fromkeys(one for one in reached if "@" in one)))

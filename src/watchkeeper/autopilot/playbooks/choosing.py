"""Choosing the playbook for an incident. Owns that the first that fits is taken; their order is `reading`'s."""

from collections.abc import Iterable

from watchkeeper.autopilot.playbooks.holding import holds
from watchkeeper.model.condition import IncidentFacts
from watchkeeper.model.playbook import Playbook


def chosen(playbooks: Iterable[Playbook], facts: IncidentFacts) -> Playbook | None:
    """Give the playbook for an incident, of those in order of priority; none if none is for it, such as for what is harmless."""
    return next((playbook for playbook in playbooks if holds(playbook.wanted, facts, {})), None)

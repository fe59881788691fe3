"""Choosing the playbook for an incident. Owns that the first that fits is taken; their order is `reading`'s."""

from collections.abc import Iterable, Iterator, Sequence

from watchkeeper.autopilot.playbooks.facts import facts_of
from watchkeeper.autopilot.playbooks.holding import holds
from watchkeeper.model.asset import Asset
from watchkeeper.model.condition import IncidentFacts
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.playbook import Playbook


def chosen(playbooks: Iterable[Playbook], facts: IncidentFacts) -> Playbook | None:
    """Give the playbook for an incident, of those in order of priority; none if none is for it, such as for what is harmless."""
    return next((playbook for playbook in playbooks if holds(playbook.wanted, facts, {})), None)


def chosen_in(case: Case, playbooks: Sequence[Playbook]) -> Iterator[tuple[Incident, Playbook | None]]:
    """Yield the incidents of a case by rank, each with its playbook, as if it were within working hours."""
    known = {asset.name: asset for asset in case.assets}
    for incident in case.incidents:
        facts = facts_of(incident, lambda name: known.get(name) or Asset(name=name), off_hours=False)
        yield incident, chosen(playbooks, facts)

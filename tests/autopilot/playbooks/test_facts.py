"""Facts of an incident: each from where it stands, and nothing invented where nobody judged."""

import pytest
from tests.autopilot.playbooks.conftest import incident

from watchkeeper.autopilot.playbooks.facts import facts_of
from watchkeeper.model.asset import Asset
from watchkeeper.model.verdict import Outcome, Verdict

_ASSETS = {"dc01": Asset(name="dc01", role="domain-controller", protected=True), "pc-1": Asset(name="pc-1")}


def _asset(name: str) -> Asset:
    return _ASSETS.get(name, Asset(name=name))


def test_facts_are_what_was_found() -> None:
    facts = facts_of(incident(), _asset, off_hours=True)
    assert (facts.outcome, facts.attack, facts.roles, facts.protected) == ("succeeded", 0.97, ("unknown", "domain-controller"), True)
    assert (facts.hosts, facts.signals, facts.attackers, facts.off_hours) == (2, 7, 1, True)
    assert facts.planned[:3] == ("snapshot_evidence", "block_address", "isolate_host")


def test_what_nobody_judged_is_no_attack_and_no_harmless_thing() -> None:
    bare = incident().model_copy(update={"verdict": None, "trace": None, "plan": None})
    facts = facts_of(bare, lambda name: Asset(name=name), off_hours=False)
    assert (facts.outcome, facts.attack, facts.attackers, facts.planned, facts.protected) == ("unjudged", 0.0, 0, (), False)


@pytest.mark.parametrize(("outcome", "attack"), [("succeeded", 1.0), ("benign", 0.0), ("undetermined", 0.5)])
def test_where_a_person_decided_it_is_what_they_said(outcome: Outcome, attack: float) -> None:
    said = Verdict(outcome=outcome, confidence=1, hypothesis="", why=(), missing=(), opinions=(), decided_by="person")
    assert facts_of(incident().model_copy(update={"verdict": said}), _asset, off_hours=False).attack == attack

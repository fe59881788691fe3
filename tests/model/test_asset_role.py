"""Roles: one name each, whichever word was used; policy, response and playbooks speak by them."""

import pytest

from watchkeeper.autopilot.playbooks.reading import playbooks
from watchkeeper.brain.ethics.policy import shipped
from watchkeeper.model.asset import Asset
from watchkeeper.model.asset_role import ADMIN_ROLES, CROWN_ROLES, DESK_ROLES, FELT_BY_ALL, SHARED_ROLES, UNKNOWN, role_named
from watchkeeper.model.condition import FactHolds
from watchkeeper.model.playbook import Act, Targets

KNOWN = {*ADMIN_ROLES, *CROWN_ROLES, *DESK_ROLES, *SHARED_ROLES}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("web", "web-server"),
        ("Web Server", "web-server"),
        (" DC ", "domain-controller"),
        ("Domain_Controller", "domain-controller"),
        ("build", "deployment"),
        ("client", "workstation"),
        ("SCADA gateway", "scada-gateway"),
        ("", ""),
    ],
)
def test_a_role_has_one_name(word: str, name: str) -> None:
    assert role_named(word) == Asset(name="x", role=word).role == name
    assert role_named(name) == name
    assert Targets(roles=(word,), not_roles=(word,)) == Targets(roles=(name,), not_roles=(name,))


def test_no_word_stands_for_two_roles() -> None:
    every = (CROWN_ROLES, ADMIN_ROLES, SHARED_ROLES, DESK_ROLES)
    words = [word for roles in every for name, others in roles.items() for word in (name, *others)]
    assert len(set(words)) == len(words)
    assert all(role_named(name) == name for name in KNOWN)


def test_a_condition_asks_for_roles_by_their_one_name_and_for_nothing_else_so() -> None:
    assert FactHolds(fact="roles", any=("web",)).any == FactHolds(fact="roles", any=("web-server",)).any
    assert FactHolds(fact="roles", beyond=("pc",)).beyond == ("workstation",)
    assert FactHolds(fact="hypothesis", any=("web",)).any == ("web",)


def test_the_policy_that_ships_has_a_place_for_every_role_and_counts_what_many_need_as_felt_by_all() -> None:
    groups = shipped().groups
    assert {role for group in groups if group.felt_by_all for role in group.roles} == FELT_BY_ALL
    assert {role for group in groups for role in group.roles} >= KNOWN
    [desks] = [group.roles for group in groups if group.name == "workstations"]
    assert set(desks) == set(DESK_ROLES)


def test_shipped_playbooks_speak_of_roles_that_are_known() -> None:
    for playbook in playbooks():
        wanted = [one.targets for step in playbook.steps.values() if isinstance(step, Act) for one in step.actions]
        assert {role for targets in wanted for role in (*targets.roles, *targets.not_roles)} <= {*KNOWN, UNKNOWN}, playbook.name

import pytest

from watchkeeper.model.principal import EVERY_TENANT, ROLES, Principal, Role


def test_a_role_is_held_where_it_was_given_and_nowhere_else() -> None:
    jane = Principal(name="jane", roles=(("acme", "analyst"), ("globex", "viewer")))
    assert jane.role_in("acme") == "analyst"
    assert jane.may("viewer", "acme")
    assert not jane.may("responder", "acme")
    assert not jane.may("analyst", "globex")
    assert jane.role_in("initech") is None
    assert not jane.may("viewer", "initech")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_what_the_ones_before_it_may(role: Role) -> None:
    everywhere = Principal(name="provider", roles=((EVERY_TENANT, role), ("acme", "viewer")))
    assert [one for one in ROLES if everywhere.may(one, "acme")] == list(ROLES[: ROLES.index(role) + 1])

from random import Random

import pytest

from watchkeeper.cyberrange.company import found


@pytest.mark.parametrize("seed", range(8))
def test_names_addresses_and_accounts_are_told_apart(seed: int) -> None:
    company = found(Random(seed), 40)
    assert len(company.hosts) == 40
    assert len({host.name for host in company.hosts}) == 40
    assert len({host.address for host in company.hosts}) == 40
    accounts = [person.account for person in (*company.people, *company.services)]
    assert len(accounts) == len(set(accounts))
    assert len({company.sid_of(account) for account in accounts}) == len(accounts)


def test_everybody_has_a_desk_and_every_department_somebody() -> None:
    company = found(Random(1), 40)
    assert all(company.desk(person).owner == person for person in company.people)
    assert {person.department for person in company.people} >= {
        "administration",
        "helpdesk",
        "development",
        "finance",
        "sales",
        "management",
    }
    assert {host.role for host in company.hosts if host.protected} == {"domain-controller", "database"}

"""Choosing: which playbook an incident gets by what was found of it."""

import pytest
from tests.autopilot.playbooks.conftest import FACTS

from watchkeeper.autopilot.playbooks.choosing import chosen
from watchkeeper.autopilot.playbooks.reading import playbooks


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ({}, "intrusion"),
        ({"outcome": "undetermined", "attack": 0.85}, "intrusion"),
        ({"outcome": "undetermined", "attack": 0.4}, "unknown"),
        ({"techniques": ("T1486",), "tactics": ("impact",)}, "ransomware"),
        ({"techniques": ("T1505.003",)}, "web-shell"),
        ({"tactics": ("collection", "exfiltration"), "hypothesis": "data-theft"}, "insider-copying"),
        ({"tactics": ("collection", "exfiltration", "lateral-movement"), "hypothesis": "data-theft"}, "intrusion"),
        ({"tactics": ("credential-access",), "techniques": ("T1110.003",)}, "stolen-account"),
        ({"tactics": ("initial-access",), "techniques": ("T1566.001",), "hypothesis": ""}, "phishing"),
        ({"tactics": ("execution",), "techniques": (), "hypothesis": ""}, "malware-on-workstation"),
        ({"tactics": ("execution",), "hypothesis": "", "roles": ("workstation", "mail")}, "unknown"),
        ({"outcome": "attempted", "attack": 0.99}, "attempt"),
        ({"outcome": "blocked", "techniques": ("T1486",)}, "attempt"),
        ({"outcome": "unjudged", "attack": 0.0}, "unknown"),
        ({"outcome": "benign"}, None),
        ({"outcome": "authorised"}, None),
    ],
)
def test_an_incident_gets_the_playbook_for_what_it_is(found: dict[str, object], name: str | None) -> None:
    facts = type(FACTS).model_validate(FACTS.model_dump() | found)
    playbook = chosen(playbooks(), facts)
    assert (playbook.name if playbook else None) == name

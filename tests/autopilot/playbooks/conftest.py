"""Facts and playbooks for tests of reading and walking."""

from typing import Any

import pytest

from watchkeeper.autopilot.playbooks.reading import sound_playbook
from watchkeeper.model.condition import IncidentFacts
from watchkeeper.model.playbook import Playbook

FACTS = IncidentFacts(
    outcome="succeeded", hypothesis="intrusion-with-remote-control", attack=0.9, level="high", tactics=("execution", "command-and-control"),
    techniques=("T1059.001", "T1071"), roles=("workstation",), protected=False, hosts=1, signals=12, attackers=1,
    planned=("snapshot_evidence", "block_address"), off_hours=True, synthetic=False,
)  # fmt: skip


@pytest.fixture
def facts() -> IncidentFacts:
    return FACTS


def made(steps: dict[str, Any], start: str = "first", wanted: object = None) -> Playbook:
    """Give a playbook of these steps."""
    chosen = {"for": wanted} if wanted else {}
    return sound_playbook({"title": "a test", "start": start, "steps": steps, **chosen}, "test", "the test's playbook")


def act(**more: object) -> dict[str, Any]:
    """Give a step that blocks addresses."""
    return {"kind": "act", "actions": [{"action": "block_address"}], "next": "end", **more}


END = {"kind": "end"}

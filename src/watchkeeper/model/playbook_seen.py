"""Playbooks as people see them: one in a list, and one with its steps in lines. Owns the shapes."""

from watchkeeper.model.noun import Noun
from watchkeeper.model.playbook import Playbook


class PlaybookLine(Noun):
    """A playbook in one line of a list."""

    name: str
    """What it is called."""
    title: str
    """What it is for."""
    priority: int
    """Which is asked first whether it is for an incident: the highest."""
    steps: int
    """How many steps it has."""


class PlaybookSeen(Noun):
    """A playbook with everything of it."""

    playbook: Playbook
    """The playbook."""
    told: tuple[str, ...]
    """Its steps in lines to read, what is within a step set in."""

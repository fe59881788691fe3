"""What is known of ATT&CK's techniques and groups, as it is told. Owns the shapes."""

from typing import Literal

from watchkeeper.model.noun import Noun

Kind = Literal["group", "campaign", "software"]
"""What ATT&CK calls who attacks, and what they attack with."""


class Named(Noun):
    """Something of ATT&CK's, by id and name."""

    id: str
    """Its id."""
    name: str
    """Its name; of a technique that is no longer in use, its id."""


class TechniqueTold(Noun):
    """A technique, and who is known to use it."""

    id: str
    """Its id as it is now."""
    name: str
    """Its name."""
    parent: Named | None
    """The technique that it is a part of, if it is."""
    tactics: tuple[str, ...]
    """Tactics it serves, by short name."""
    version: str
    """Version of ATT&CK that is spoken."""
    groups: tuple[Named, ...]
    """Groups known to use it; none where no ATT&CK was imported."""
    campaigns: tuple[Named, ...]
    """Campaigns known to have used it."""
    software: tuple[Named, ...]
    """Software known to do it."""


class GroupTold(Noun):
    """A group, campaign or software, and what it is known to use."""

    id: str
    """Its id."""
    name: str
    """Its name."""
    kind: Kind
    """What it is."""
    aliases: tuple[str, ...]
    """Other names."""
    groups: tuple[Named, ...]
    """Groups that it is attributed to."""
    software: tuple[Named, ...]
    """Software that it uses."""
    techniques: tuple[Named, ...]
    """Techniques that it uses."""

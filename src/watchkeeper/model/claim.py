"""Claim: a checkable sentence of the story. Owns its shape; predicates and their wording stand in the lexicon, the check in `evidence`."""

from pydantic import AwareDatetime

from watchkeeper.model.evidence import Evidence
from watchkeeper.model.noun import Noun


class Claim(Noun):
    """A predicate with its arguments and the events that show it; code checks it, or it is dropped and counted."""

    predicate: str
    """What is said, such as `process.started`; a template key under `claim.` in the lexicon."""
    arguments: dict[str, str]
    """Role to value, such as `image` or `address`; each value must occur in a cited event."""
    evidence: tuple[Evidence, ...]
    """The events that show it; never empty."""
    time: AwareDatetime | None
    """When it happened, UTC: the time of the first cited event."""
    host: str = ""
    """Host it happened on."""
    tactic: str = ""
    """ATT&CK tactic it serves, by short name (`credential-access`); empty if it serves none."""
    techniques: tuple[str, ...] = ()
    """ATT&CK technique ids it shows."""

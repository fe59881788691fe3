"""Reopened: what a person closed and is to be looked at again, and why. Owns the shape; `autopilot.rejudging` finds it."""

from typing import Literal

from watchkeeper.model.feedback import Feedback
from watchkeeper.model.noun import Noun


class Reason(Noun):
    """Something that was not so when a person closed it."""

    kind: Literal["rule-changed", "rule-right", "intel"]
    """A rule asks for something else and still fires there; a rule was right elsewhere; intelligence came to know something there."""
    what: str
    """The rule's id, or the value that intelligence knows and who says so."""


class Reopened(Noun):
    """What was closed and is to be looked at again."""

    words: Feedback
    """The words that closed it."""
    reasons: tuple[Reason, ...]
    """What speaks against them."""

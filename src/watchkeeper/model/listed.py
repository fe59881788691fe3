"""Listed: one value on a list that others fetch. Owns the shape; `response` keeps lists, `api` serves them."""

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime

from watchkeeper.model.noun import Noun

ListedKind = Literal["address", "domain", "url", "hash"]
"""What a list can hold: what others can look for or block by its value alone."""


class Listed(Noun):
    """A value that one action put on a list."""

    kind: ListedKind
    """What it is."""
    value: str
    """As it is written on the list."""
    key: str
    """Id of the proposal that put it there."""
    added: AwareDatetime
    """When, UTC."""
    expires: AwareDatetime | None = None
    """When it leaves the list by itself, UTC; none if it stays until it is taken off."""
    removed: AwareDatetime | None = None
    """When it was taken off, UTC; it is kept for a while so that whoever fetched it hears of it."""

    def left(self) -> datetime | None:
        """Give when it left or leaves the list; none if it stays."""
        return min((one for one in (self.removed, self.expires) if one), default=None)

    def is_on(self, now: datetime) -> bool:
        """Say whether it is on the list."""
        left = self.left()
        return left is None or left > now

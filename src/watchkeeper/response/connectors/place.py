"""Place: somewhere outside where actions are carried out. Owns the contract of a connector; each kind of place has a file here."""

from abc import abstractmethod
from typing import Annotated

from pydantic import Field

from watchkeeper.model.means import Means
from watchkeeper.model.noun import Noun
from watchkeeper.model.proposal import Proposal
from watchkeeper.settings.references import Reveal

PlaceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class Place(Noun):
    """A place as `response.yml` describes it; a connector adds `by: Literal[...]`, its name, and what it needs to reach it."""

    name: PlaceName
    """What people call it."""
    actions: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names of actions that are carried out there."""

    def serves(self, proposal: Proposal) -> bool:
        """Say whether what a proposal acts on is reached there; a place that reaches some hosts alone says which."""
        del proposal
        return True

    @abstractmethod
    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how an action is carried out there; secrets are looked up when it is called, not before.

        Raises:
            ValueError: this kind of place has no such action; the message says which it has.
        """

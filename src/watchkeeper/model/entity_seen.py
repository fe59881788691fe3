"""EntitySeen: what is known of a host, user, address, hash or other thing. Owns the shape."""

from pydantic import AwareDatetime

from watchkeeper.model.asset import Asset
from watchkeeper.model.change import WatchListed
from watchkeeper.model.entity import Entity
from watchkeeper.model.noun import Noun
from watchkeeper.model.summary import IncidentSummary


class Sighting(Noun):
    """That a host's events named something, in one case."""

    case: str
    """Id of the case."""
    host: str
    """Host whose events named it; empty if unknown."""
    count: int
    """How often fields named it."""
    first: AwareDatetime | None
    """Time of the first event that did, UTC."""
    last: AwareDatetime | None
    """Time of the last one, UTC."""


class EntitySeen(Noun):
    """What is known of one thing."""

    entity: Entity
    """What, in the form by which things are compared."""
    asset: Asset | None
    """What people told of it as an asset; none if they did not."""
    incidents: tuple[IncidentSummary, ...]
    """Incidents that it ties together, newest first, fifty at most."""
    more_incidents: bool
    """Whether there may be more."""
    watches: tuple[WatchListed, ...]
    """Because of which incidents it is or was looked out for, fifty at most."""
    sightings: tuple[Sighting, ...]
    """Where cases observed it, two hundred at most; only addresses, domains, URLs, hashes, files and users are observed."""

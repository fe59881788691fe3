"""Event: one event taken out of a batch or the lake, for those who look at few. Bulk events stay in `Batch`."""

from pydantic import AwareDatetime

from watchkeeper.model.logsource import LogSource
from watchkeeper.model.noun import Noun


class Event(Noun):
    """One event with its native fields."""

    id: str
    """Id from source, position and content; the same event read again has the same id."""
    time: AwareDatetime | None
    """When it happened, UTC; none if the source does not say."""
    host: str
    """Host it is about, lower case without domain; empty if unknown."""
    source: str
    """File it was read from, as shown to people (`archive.zip!member` inside an archive)."""
    row: int
    """0-based record in that file."""
    logsource: LogSource
    """Which log it stands in."""
    fields: dict[str, str | tuple[str, ...]]
    """Native fields as the source writes them."""

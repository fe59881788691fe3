"""A question in SQL and its answer, as they cross the API. Owns the shapes; asking is the lake's."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun

MOST_ROWS = 1_000
"""Rows of an answer in JSON; an export has more."""
MOST_EXPORTED = 100_000
MOST_SECONDS = 60

ExportForm = Literal["jsonl", "csv", "parquet"]
"""What rows can be written down as."""


class Questioning(Noun):
    """A question in SQL over the events of a tenant."""

    sql: Annotated[str, Field(min_length=1, max_length=20_000, examples=["SELECT _time, _host FROM events ORDER BY _time DESC LIMIT 10"])]
    """One SELECT over the views; docs/api.md says which there are."""
    since: AwareDatetime | None = None
    """Events that are not earlier than this."""
    until: AwareDatetime | None = None
    """Events that are not later than this."""
    rows: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 200
    """Rows of the answer at most."""
    seconds: Annotated[float, Field(gt=0, le=MOST_SECONDS)] = 30.0
    """How long it may take."""
    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{0,64}$", examples=["7f3a"])] = ""
    """A name of your own choice, by which it can be stopped."""


class Exporting(Noun):
    """A question in SQL whose answer is to be written down."""

    sql: Annotated[str, Field(min_length=1, max_length=20_000, examples=["SELECT * FROM events"])]
    """One SELECT over the views."""
    form: ExportForm = "jsonl"
    """What it is written as."""
    since: AwareDatetime | None = None
    """Events that are not earlier than this."""
    until: AwareDatetime | None = None
    """Events that are not later than this."""
    rows: Annotated[int, Field(ge=1, le=MOST_EXPORTED)] = MOST_EXPORTED
    """Rows at most."""
    seconds: Annotated[float, Field(gt=0, le=MOST_SECONDS)] = 60.0
    """How long it may take."""
    id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{0,64}$")] = ""
    """A name of your own choice, by which it can be stopped."""


class SqlColumn(Noun):
    """A column of an answer."""

    name: str
    """Its name."""
    kind: str
    """Type of its values."""


class SqlAnswer(Noun):
    """What a question gave."""

    columns: tuple[SqlColumn, ...]
    """Its columns, in order."""
    rows: tuple[tuple[Any, ...], ...]
    """Its rows; moments are text, and numbers too large for JSON too."""
    more: bool
    """Whether there are further rows, which a limit left out."""
    seconds: float
    """How long it took."""
    files: int
    """Files of the lake that it could concern."""


class Stopped(Noun):
    """What came of stopping a question."""

    stopped: bool
    """Whether one of that name was running."""

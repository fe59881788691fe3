"""BackupManifest: what a backup says of itself. Owns the shape; `store` writes, checks and restores."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from watchkeeper.model.noun import Noun


class BackupManifest(Noun):
    """What a backup of the state database holds, and how one can tell that it is whole."""

    format: Annotated[int, Field(ge=1)]
    """Which shape the backup file has."""
    version: str
    """Version of Watchkeeper that made it."""
    revision: str
    """Revision of the schema of its tables."""
    made: AwareDatetime
    """When it was made, UTC; it shows the database as it was at one moment then."""
    origin: str
    """Which database it was made from, such as `SQLite 3.40.1`."""
    rows: dict[str, Annotated[int, Field(ge=0)]]
    """Rows of each table."""
    bytes: Annotated[int, Field(ge=0)]
    """Size of the database in it."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    """SHA-256 of the database in it."""

"""SourceRead: what became of one file. Owns the shape; nothing read or skipped is ever uncounted."""

from watchkeeper.model.noun import Noun


class SourceRead(Noun):
    """One file, or one member of an archive, and what came of it."""

    source: str
    """Path as shown to people (`archive.zip!member` inside an archive)."""
    reader: str
    """Name of the reader that recognised it; empty if none did."""
    events: int
    """Events that were read."""
    skipped: dict[str, int]
    """Records that could not be read, by reason."""
    error: str = ""
    """Why reading stopped early or never began; empty if it went through."""
    lost: bool = False
    """The worker process that read it died: nothing of it is in the result."""

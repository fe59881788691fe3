"""SourceRead: what became of one file. Owns the shape; nothing read or skipped is ever uncounted."""

from watchkeeper.model.noun import Noun

UNKNOWN_READER = "unknown"
"""What stands for a reader where none knew the format, and a sample of the records was kept as they are."""


class SourceRead(Noun):
    """One file, or one member of an archive, and what came of it."""

    source: str
    """Path as shown to people (`archive.zip!member` inside an archive)."""
    reader: str
    """Name of the reader that recognised it; `unknown` if none did and a sample of it is kept as it is; empty if it is no log."""
    events: int
    """Events that were read."""
    skipped: dict[str, int]
    """Records that could not be read, by reason."""
    error: str = ""
    """Why reading stopped early or never began; empty if it went through."""
    lost: bool = False
    """The worker process that read it died: nothing of it is in the result."""

    @property
    def is_unknown(self) -> bool:
        """Whether no reader knew its format, so that a sample of its records was kept as they are."""
        return self.reader == UNKNOWN_READER

    @property
    def records(self) -> int:
        """How many records it has: those that became events, and those that were skipped."""
        return self.events + sum(self.skipped.values())

"""How far an archive may expand before we stop believing it. Owns the limits and the count against them."""

from dataclasses import dataclass

MAX_DEPTH = 4
"""Archives and compressions inside each other, counted together: zip in zip in gz is 3."""
MAX_MEMBERS = 50_000
"""Members of all archives in one file."""
MAX_EXPANDED_BYTES = 256 * 1024**3
"""What one file may expand to in all."""
MAX_RATIO = 1_000
"""How many times its size a file may expand to, once it is past `RATIO_FREE_BYTES`."""
RATIO_FREE_BYTES = 1024**3
"""Below this, no ratio is suspicious."""
MAX_NESTED_BYTES = 4 * 1024**3
"""What an archive within an archive may take on disk while it is read."""


class ExcessError(ValueError):
    """An archive goes beyond a bound; the rest of it is left unread, and that is shown."""


@dataclass(slots=True)
class Budget:
    """What one given file has used up so far."""

    size: int
    """Its size on disk, bytes."""
    members: int = 0
    expanded: int = 0

    def member(self) -> None:
        """Count one more member.

        Raises:
            ExcessError: there are too many.
        """
        self.members += 1
        if self.members > MAX_MEMBERS:
            raise ExcessError(f"more than {MAX_MEMBERS:,} members; the rest was left unread")

    def expand(self, count: int) -> None:
        """Count bytes that came out of a decompressor.

        Raises:
            ExcessError: they are too many, or too many for the file's size.
        """
        self.expanded += count
        if self.expanded > MAX_EXPANDED_BYTES:
            raise ExcessError(f"expands to more than {MAX_EXPANDED_BYTES // 1024**3:,} GiB; the rest was left unread")
        if self.expanded > RATIO_FREE_BYTES and self.expanded > MAX_RATIO * self.size:
            raise ExcessError(f"expands to more than {MAX_RATIO:,} times its size; the rest was left unread")

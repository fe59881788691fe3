"""Report: what was written down, and where. Owns the shape."""

from typing import Literal

from watchkeeper.model.noun import Noun


class Report(Noun):
    """The files of one case."""

    files: tuple[str, ...]
    """Paths of what was written."""
    language: Literal["en", "zh"]
    """Language of the texts in it."""

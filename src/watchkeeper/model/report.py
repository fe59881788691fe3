"""Report: what was written down, and where. Owns the shape."""

from watchkeeper.model.language import Language
from watchkeeper.model.noun import Noun


class Report(Noun):
    """The files of one case."""

    files: tuple[str, ...]
    """Paths of what was written."""
    language: Language
    """Language of the texts in it."""

"""Uploaded: what came of an upload. Owns the shape."""

from watchkeeper.model.noun import Noun


class Uploaded(Noun):
    """What an inventory brought."""

    assets: int
    """How many assets it tells of."""

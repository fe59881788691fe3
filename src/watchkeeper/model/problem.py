"""Problem: why a request was refused, as every refusal of the API says it. Owns the shape."""

from watchkeeper.model.noun import Noun


class Problem(Noun):
    """Why nothing came of a request."""

    detail: str
    """What is wrong, and what to do, in a sentence."""

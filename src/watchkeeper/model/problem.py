"""Problem: why a request was refused, as every refusal of the API says it. Owns the shape.

Source: RFC 9457.
"""

from watchkeeper.model.noun import Noun


class Misfit(Noun):
    """Something in a request that does not fit."""

    where: str
    """Where it stands, such as `query.limit`."""
    what: str
    """What is wrong with it."""


class Problem(Noun):
    """Why nothing came of a request."""

    type: str
    """`about:blank`: the status says what kind of problem it is."""
    title: str
    """Name of the status."""
    status: int
    """Status of the answer."""
    detail: str
    """What is wrong, and what to do, in a sentence."""
    fields: tuple[Misfit, ...] = ()
    """What in the request does not fit, where it was not understood."""

"""MissingError: what was asked for is not there. Owns the one error that a caller answers otherwise than other refusals."""


class MissingError(ValueError):
    """Nothing, or more than one thing, is called as it was said."""

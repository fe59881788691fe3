"""The base of every noun: frozen, closed, and described field by field."""

from pydantic import BaseModel, ConfigDict


class Noun(BaseModel):
    """A value that never changes after it was made; a new one is made instead."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

"""Placeholders: what `%name%` stands for in a rule that says `expand`. Owns the shape; `placeholder_file` reads it, `expansion` uses it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

Placeholders = Mapping[str, Sequence[str]]
"""Values by the name of the placeholder, without percent signs."""

NO_VALUES: Placeholders = MappingProxyType({})
"""What stands for nothing is left as it is, and a rule that asks for it does not run."""

"""Entity: something in the organisation or outside it that events talk about. Owns its kinds; who extracts them stands elsewhere."""

from typing import Literal

from watchkeeper.model.noun import Noun

EntityKind = Literal[
    "host",
    "user",
    "address",
    "domain",
    "url",
    "hash",
    "process",
    "file",
    "registry",
    "service",
    "task",
    "account",
    "mailbox",
    "fingerprint",
]


class Entity(Noun):
    """One named thing; equal kind and value mean the same thing."""

    kind: EntityKind
    """What sort of thing it is."""
    value: str
    """Its name as normalised for comparison: lower case, hosts without domain, users with theirs where it tells two apart."""

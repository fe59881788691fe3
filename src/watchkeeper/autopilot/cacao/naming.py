"""Names in CACAO documents: identifiers, our extension, variables. Owns how each is made; the same playbook has the same ids each time.

Source: CACAO 2.0, sections 10.10 (identifiers), 8 (extensions), 10.18 (variables).
"""

import re
from uuid import UUID, uuid5

from watchkeeper.model.playbook import Party

_IDS = UUID("8d0d2c0e-51f4-4d6e-9e0b-6b8a0f6f3c11")
IDENTIFIER = re.compile(r"^([a-z][a-z0-9-]*[a-z0-9])--[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
"""An identifier: a type and a UUID, in small letters."""


def id_of(of_type: str, *parts: str) -> str:
    """Give the identifier that follows from what something is."""
    return f"{of_type}--{uuid5(_IDS, chr(0).join((of_type, *parts)))}"


AUTHOR = id_of("identity", "watchkeeper")
EXTENSION = id_of("extension-definition", "step")
"""Of our extension: what a step of ours says that CACAO has no word for. Which step comes next is never in it."""


def variable(name: str) -> str:
    """Give the name of a variable."""
    return f"__{name.replace('-', '_')}__"


def value_of(name: str) -> str:
    """Give how the value of a variable is spoken of."""
    return f"{variable(name)}:value"


def agent_of(party: Party) -> str:
    """Give the identifier of people as an agent."""
    return id_of("individual" if party.startswith("person:") else "group", party)

r"""How the name of an account is written: `DOMAIN\name`, `name@domain`, a SID, a name alone. Owns the cutting; who is who is `assets`'.

Sources: Microsoft, "Security identifiers" and [MS-DTYP] 2.4.2 (SIDs), "User name formats".
"""

import re
from functools import lru_cache

LONGEST = 256
"""Characters; whatever is longer is no account's name."""

_SID = re.compile(r"s-1-(?:5-21|12-1)(?:-\d{1,10}){4}")
"""Of a domain's, a machine's or a tenant's account; those that every Windows has in common are not among them."""
_DOMAIN = re.compile(r"[\w-]{1,63}")
_NO_DOMAIN = frozenset({"", "-", "workgroup", "builtin"})


def is_sid(text: str) -> bool:
    """Say whether a text, in lower case, is the SID of one account of one domain, machine or tenant."""
    return _SID.fullmatch(text) is not None


@lru_cache(maxsize=65_536)
def label(domain: str) -> str:
    """Name a domain as everywhere: the first label, lower case; empty if it is none, such as that of accounts which every Windows has."""
    first, _, rest = domain.strip().lower().partition(".")
    return first if _DOMAIN.fullmatch(first) and first not in _NO_DOMAIN and not (rest and first.isdecimal()) else ""


def qualified(domain: str, name: str) -> str:
    r"""Write a name as `domain\name`, or alone if the domain is none."""
    short = label(domain)
    return f"{short}\\{name}" if short else name


def parted(text: str) -> tuple[str, str]:
    """Cut an account into its domain's label, which may be empty, and its name, both in lower case."""
    domain, mark, name = text.strip().lower().rpartition("\\")
    name, at, suffix = name.partition("@")
    return label(domain if mark else suffix if at else ""), name.strip()


def bare(text: str) -> str:
    """Give an account's name alone, in lower case."""
    return text.strip().lower().rpartition("\\")[2].partition("@")[0].strip()

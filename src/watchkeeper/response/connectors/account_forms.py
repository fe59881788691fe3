"""Account forms: by which attribute a directory says that an account is disabled. Owns values alone; `ldap` reads and writes them.

Sources: slapo-ppolicy(5), `pwdAccountLockedTime`; MS-ADTS 2.2.16, `userAccountControl`; 389 Directory Server, `nsAccountLock`.
"""

from collections.abc import Callable
from dataclasses import dataclass

Values = tuple[str, ...]
"""Values of the attribute; none if the entry does not have it."""
_FOR_EVER = "000001010000Z"
_DISABLED = 2
"""`ADS_UF_ACCOUNTDISABLE`."""


@dataclass(frozen=True, slots=True)
class Form:
    """How one kind of directory says it."""

    attribute: str
    """The attribute."""
    find: str
    """The filter that finds an account unless another is configured; `{user}` stands for its name."""
    says_disabled: Callable[[Values], bool]
    """Say whether values mean that the account is disabled."""
    disabled: Callable[[Values], Values]
    """Give, for the values there are, those that disable it."""
    restored: Callable[[Values, Values], Values]
    """Give, for the values there are and those there were before, those that take it back."""


def _former(_: Values, former: Values) -> Values:
    return former


def _bits(values: Values) -> int:
    if len(values) != 1 or not values[0].lstrip("-").isdecimal() or len(values[0]) > 11:
        raise ValueError(f"userAccountControl is {values!r} instead of one number: is this an account of Active Directory?")
    return int(values[0])


def one_value(attribute: str, value: str, find: str) -> Form:
    """Give the form of a directory in which one value of an attribute disables an account, whatever it was before."""
    return Form(attribute, find, lambda values: values == (value,), lambda _: (value,), _former)


_PERSON = "(&(objectClass=person)(uid={user}))"
FORMS = {
    "openldap": one_value("pwdAccountLockedTime", _FOR_EVER, _PERSON),
    "active-directory": Form(
        "userAccountControl",
        "(&(objectCategory=person)(objectClass=user)(|(sAMAccountName={user})(userPrincipalName={user})))",
        lambda values: bool(_bits(values) & _DISABLED),
        lambda values: (str(_bits(values) | _DISABLED),),
        lambda values, former: (str(_bits(values) & ~_DISABLED | _bits(former) & _DISABLED),),
    ),
    "389": Form("nsAccountLock", _PERSON, lambda values: any(one.lower() == "true" for one in values), lambda _: ("TRUE",), _former),
}
"""Forms by name; of Active Directory only the one bit is touched, so that what else was changed meanwhile stays."""

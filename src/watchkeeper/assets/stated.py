r"""Which events state several names of one account. Owns the list of them; what follows from many stands in `accounts`.

Only what the source itself has looked up counts: not what somebody typed at a logon that failed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import pyarrow as pa

from watchkeeper.assets.accounts import Key
from watchkeeper.model.batch import Batch
from watchkeeper.schema.account import LONGEST, is_sid, parted, qualified

_SYSMON = "microsoft-windows-sysmon/operational"


@dataclass(frozen=True, slots=True)
class Stated:
    """Fields of an event that name one account."""

    name: str
    domain: str = ""
    """Empty where the name has its domain before it."""
    sid: str = ""
    upn: str = ""
    only: tuple[str, ...] = ()
    """Types of event that state it; empty for all."""

    @property
    def fields(self) -> tuple[str, ...]:
        """All of them."""
        return self.name, self.domain, self.sid, self.upn, "_host"


_TARGET_SID = ("4720", "4722", "4723", "4724", "4725", "4726", "4738", "4740", "4767", "4768", "4798")
"""Where it is an account's; elsewhere it may be a group's."""
_STATED: Mapping[tuple[str, str], tuple[Stated, ...]] = {
    ("windows", ""): (
        Stated("SubjectUserName", "SubjectDomainName", "SubjectUserSid"),
        Stated("TargetUserName", "TargetDomainName", "TargetUserSid"),
        Stated("TargetUserName", "TargetDomainName", "TargetSid", "UserPrincipalName", only=_TARGET_SID),
        Stated("AccountName", "Domain", "UserID"),
    ),
    ("windows", _SYSMON): (Stated("User"), Stated("SourceUser")),
    ("m365", ""): (
        Stated("AccountName", "AccountDomain", "AccountSid", "AccountUpn"),
        Stated("AccountName", "AccountDomain", "OnPremSid", "AccountUpn"),
        Stated(
            "InitiatingProcessAccountName",
            "InitiatingProcessAccountDomain",
            "InitiatingProcessAccountSid",
            "InitiatingProcessAccountUpn",
        ),
    ),
}
"""By product and log in lower case; those without a log hold for every log of the product."""
_ANY = (Stated("user.name", "user.domain", "user.id"),)
"""As the Elastic Common Schema calls them, of a product without names of its own."""


def statements(batch: Batch) -> Iterator[Key]:
    """Yield every statement of a batch, each once for each way in which the batch has it."""
    source = batch.logsource
    product = _STATED.get((source.product, ""), _ANY)
    for how in (*product, *_STATED.get((source.product, source.service.lower()), ())):
        if how.name in batch.table.column_names and (not how.only or source.event_type in how.only):
            for values in _distinct(batch.table, how):
                yield from _keys(how.sid != "", *values)


def _distinct(table: pa.Table, how: Stated) -> Iterator[tuple[str, ...]]:
    """Yield the different values of the fields; a field with lists says nothing, as it does not say which goes with which."""
    held = [name for name in how.fields if name in table.column_names and table.schema.field(name).type == pa.string()]
    if how.name not in held or (how.sid and how.sid not in held):
        return
    distinct = cast("Any", table.select(held)).group_by(held, use_threads=False).aggregate([])
    columns = (distinct.column(name).to_pylist() if name in held else [""] * distinct.num_rows for name in how.fields)
    for values in zip(*columns, strict=True):
        yield tuple(value or "" for value in values)


@lru_cache(maxsize=65_536)
def _keys(has_sid: bool, name: str, domain: str, sid: str, upn: str, host: str) -> tuple[Key, ...]:  # noqa: FBT001 -- for the cache
    """Give what the names of one account state; nothing without a domain, of a machine, or where a SID is due and is none of an account."""
    if any(len(text) > LONGEST for text in (name, domain, sid, upn)):
        return ()
    label, own = parted(qualified(domain, name) if domain else name)
    sid, upn = sid.strip().lower(), upn.strip().lower()
    if not label or own in ("", "-") or own.endswith("$") or (has_sid and not is_sid(sid)):
        return ()
    found: list[Key] = [("sid", sid, label, own)] if has_sid else [("", "", label, own)]
    if "@" in upn:
        found.append(("upn", upn, label, own))
    if host:
        found.append(("host", host, label, own))
    return tuple(found)

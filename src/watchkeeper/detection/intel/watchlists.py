"""Watchlists of the organisation: people leaving, crown jewels, honey tokens. Owns `watchlists.yml`; matching is the same as for the rest.

watchlists:
- name: honey tokens
level: high
reason: nobody has a reason to touch this
users: [svc_backup_old]
files: [passwords-2026.xlsx]
"""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, cast

import pyarrow as pa
import yaml
from pydantic import Field, TypeAdapter, ValidationError

from watchkeeper.detection.intel.canon import indicator_id
from watchkeeper.detection.intel.values import canonical
from watchkeeper.model.indicator import INDICATOR_SCHEMA
from watchkeeper.model.level import Level
from watchkeeper.model.noun import Noun

MOST_ENTRIES = 200_000
_Texts = tuple[Annotated[str, Field(min_length=1, max_length=1_000)], ...]


class Watchlist(Noun):
    """Things to say something about whenever an event names them."""

    name: Annotated[str, Field(min_length=1)]
    """What the list is called; signals name it."""
    reason: Annotated[str, Field(min_length=1)]
    """Why they are watched, in your words; signals say it."""
    level: Level = "high"
    """Level of the signals."""
    expires: date | None = None
    """Last day it is watched, UTC; none watches until the list changes."""
    users: _Texts = ()
    """User names, with or without domain."""
    accounts: _Texts = ()
    """Accounts and keys of services, such as an ARN or an access key."""
    hosts: _Texts = ()
    """Host names, with or without domain."""
    files: _Texts = ()
    """File names, or whole paths."""
    addresses: _Texts = ()
    """Addresses and networks, private ones too."""
    domains: _Texts = ()
    """Domains, with everything under them."""
    urls: _Texts = ()
    """URLs."""
    hashes: _Texts = ()
    """Hashes of files: MD5, SHA-1, SHA-2."""
    mailboxes: _Texts = ()
    """Mail addresses."""


_LISTS = TypeAdapter(tuple[Watchlist, ...])
_KINDS = {
    "users": "user", "accounts": "account", "hosts": "host", "files": "file", "addresses": "address", "domains": "domain", "urls": "url",
    "hashes": "hash", "mailboxes": "mailbox",
}  # fmt: skip


def read_watchlists(path: Path, now: datetime) -> pa.Table:
    """Read `watchlists.yml` as indicators (`INDICATOR_SCHEMA`).

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no list of watchlists, or an entry is not what it should be; the message names it.
    """
    rows = [row for one in _parsed(path) for row in _rows(one, path, now)]
    if len(rows) > MOST_ENTRIES:
        raise ValueError(f"{str(path)!r} has {len(rows):,} entries; at most {MOST_ENTRIES:,} are watched, import the rest as intelligence")
    return pa.Table.from_pylist(rows, schema=INDICATOR_SCHEMA)


def _parsed(path: Path) -> tuple[Watchlist, ...]:
    try:
        parsed: object = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"cannot read {str(path)!r} as YAML: {error}") from error
    entries = cast("dict[str, object]", parsed).get("watchlists") if isinstance(parsed, dict) else None
    if not isinstance(entries, list):
        raise ValueError(f"{str(path)!r} has no list under 'watchlists:'")  # noqa: TRY004 -- the file's content is wrong, not a type
    try:
        return _LISTS.validate_python(entries)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{str(path)!r}, entry {place}: {first['msg']}") from error


def _rows(one: Watchlist, path: Path, now: datetime) -> list[dict[str, object]]:
    until = datetime.combine(one.expires, time.max, UTC) if one.expires else None
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for name, plain_kind in _KINDS.items():
        for text in cast("tuple[str, ...]", getattr(one, name)):
            kind = "network" if plain_kind == "address" and "/" in text else plain_kind
            value = canonical(kind, text)
            if not value:
                raise ValueError(f"{str(path)!r}, watchlist {one.name!r}: {text!r} under '{name}' is no {kind}")
            rows[kind, value] = {
                "id": indicator_id(one.name, kind, value),
                "kind": kind,
                "value": value,
                "source": one.name,
                "confidence": 100,
                "level": one.level,
                "valid_until": until,
                "revoked": False,
                "inside": True,
                "tlp": "",
                "labels": [one.reason],
                "techniques": [],
                "external_id": "",
                "first_seen": now,
            }
    return list(rows.values())

"""Entities that alerts name. Owns how Microsoft lists them and the normal form of values; which field lists them is a mapping's.

Source: Microsoft Learn, "Microsoft Sentinel entity types reference".
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import cast

import msgspec

from watchkeeper.ingest.addresses import canonical
from watchkeeper.ingest.identity import host_name
from watchkeeper.model.entity import EntityKind

Thing = tuple[EntityKind, str]
_Json = Mapping[str, object]


@lru_cache(maxsize=65_536)
def normal(kind: EntityKind, value: str) -> str:
    """Give a value in the form in which equal things are equal: hosts and users lower case without domain, addresses canonical."""
    value = value.strip()
    match kind:
        case "address":
            return canonical(value)
        case "host":
            return host_name(value)
        case "user":
            return value.lower().rpartition("\\")[2].partition("@")[0]
        case "domain" | "hash" | "mailbox":
            return value.lower()
        case _:
            return value


def microsoft(value: object) -> Iterator[Thing]:
    """Yield the entities of an `Entities` value, text or decoded, as Defender and Sentinel write it; other values yield nothing."""
    pending = [_decoded(value) if isinstance(value, str) else value]
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending.extend(reversed(cast("list[object]", item)))
        elif isinstance(item, dict):
            entity = cast("_Json", item)
            yield from _things(entity)
            pending.extend(entity[key] for key in reversed(list(entity)) if key != "FileHashes")


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        return None


def _things(entity: _Json) -> Iterator[Thing]:
    extract = _EXTRACT.get(_text(entity, "Type").lower().replace("-", ""))
    if extract is not None:
        for kind, value in extract(entity):
            plain = normal(kind, value)
            if plain:
                yield kind, plain


def _text(entity: _Json, *names: str) -> str:
    """The first of these that is text and not empty."""
    return next((found for name in names if isinstance(found := entity.get(name), str) and found), "")


def _file(entity: _Json) -> list[Thing]:
    folder, name = _text(entity, "Directory"), _text(entity, "Name")
    separator = "/" if "/" in folder else "\\"
    path = f"{folder.rstrip(separator)}{separator}{name}" if folder and name else name
    return [("file", path), ("hash", _strongest(entity.get("FileHashes")))]


def _strongest(hashes: object) -> str:
    """One hash stands for a file: its longest, so that three spellings of one fact do not count thrice."""
    listed = cast("list[object]", hashes) if isinstance(hashes, list) else []
    return max((_text(cast("_Json", item), "Value") for item in listed if isinstance(item, dict)), key=len, default="")


def _mail(entity: _Json) -> list[Thing]:
    mailboxes: list[Thing] = [("mailbox", _text(entity, "Sender", "P1Sender")), ("mailbox", _text(entity, "Recipient"))]
    return [*mailboxes, ("address", _text(entity, "SenderIP"))]


def _registry_key(entity: _Json) -> list[Thing]:
    return [("registry", "\\".join(part for part in (_text(entity, "Hive"), _text(entity, "Key")) if part))]


_EXTRACT: dict[str, Callable[[_Json], list[Thing]]] = {
    "account": lambda entity: [("user", _text(entity, "Name", "AccountName", "UserPrincipalName"))],
    "host": lambda entity: [("host", _text(entity, "HostName", "FQDN", "NetBiosName"))],
    "ip": lambda entity: [("address", _text(entity, "Address"))],
    "file": _file,
    "filehash": lambda entity: [("hash", _text(entity, "Value"))],
    "url": lambda entity: [("url", _text(entity, "Url"))],
    "dns": lambda entity: [("domain", _text(entity, "DomainName"))],
    "mailbox": lambda entity: [("mailbox", _text(entity, "MailboxPrimaryAddress", "Upn"))],
    "mailmessage": _mail,
    "registrykey": _registry_key,
    "cloudapplication": lambda entity: [("service", _text(entity, "Name"))],
    "oauthapplication": lambda entity: [("service", _text(entity, "Name"))],
}

"""STIX observables: files, processes, addresses, accounts, registry keys. Owns their shapes and the ids that follow from their content.

The same file told by two organisations has the same id, as the standard wants it; a process has no content that names it everywhere.

Source: OASIS STIX 2.1, sections 2.9 (deterministic ids) and 6; RFC 8785 for the JSON that is hashed.
"""

import ipaddress
import json
import re
from collections.abc import Mapping
from urllib.parse import quote
from uuid import UUID, uuid5

from watchkeeper.stix.objects import Object, unnamed_id

_IDS = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Source: STIX 2.1, section 2.9."""
_PATH = re.compile(r"(?P<folder>.*)[\\/](?P<name>[^\\/]+)", re.DOTALL)
_HASH = re.compile(r"(?P<name>MD5|SHA1|SHA256)=(?P<digits>[0-9A-Fa-f]+)")
_HASHES = {"MD5": ("MD5", 32), "SHA1": ("SHA-1", 40), "SHA256": ("SHA-256", 64)}
_HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE", "HKU": "HKEY_USERS", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT",
    "HKCC": "HKEY_CURRENT_CONFIG", "MACHINE": "HKEY_LOCAL_MACHINE", "USER": "HKEY_USERS",
}  # fmt: skip
_KERNEL_PATH = re.compile(r"\\REGISTRY\\", re.IGNORECASE)
_DOMAIN = re.compile(r"(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_PART = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*"
_URL = re.compile(rf"[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9.-]+(?::[0-9]{{1,5}})?(?:[/?]{_PART})?(?:#{_PART})?")
_MOST_PID = 2**53 - 1


def address(value: str) -> tuple[Object, ...]:
    """Give an address; nothing if it is none."""
    try:
        parsed = ipaddress.ip_address(value)
    except ValueError:
        return ()
    return (_told("ipv6-addr" if parsed.version == 6 else "ipv4-addr", {"value": str(parsed)}, ("value",)),)


def domain(value: str) -> tuple[Object, ...]:
    """Give a domain name; nothing if it is written as none can be."""
    return (_told("domain-name", {"value": value}, ("value",)),) if _DOMAIN.fullmatch(value) else ()


def url(value: str) -> tuple[Object, ...]:
    """Give a URL, with characters that none may have percent-encoded; nothing if it is none even so."""
    written = quote(value, safe="!$&'()*+,;=:@/?#[]%-._~", errors="replace")
    return (_told("url", {"value": written}, ("value",)),) if _URL.fullmatch(written) else ()


def account(login: str) -> tuple[Object, ...]:
    """Give an account by what its holder types."""
    return (_told("user-account", {"account_login": login}, ("account_login",)),) if login else ()


def registry_key(path: str) -> tuple[Object, ...]:
    """Give a registry key with its hive written out; nothing if the path does not begin with one."""
    hive, slash, rest = _KERNEL_PATH.sub("", path, count=1).partition("\\")
    whole = hive.upper() if hive.upper() in _HIVES.values() else _HIVES.get(hive.upper(), "")
    return (_told("windows-registry-key", {"key": f"{whole}{slash}{rest}"}, ("key",)),) if whole else ()


def file(path: str, hashes: str = "") -> tuple[Object, ...]:
    """Give a file, first, and the folder it lies in, if the path has one; `hashes` as Sysmon writes them (`SHA256=…,MD5=…`)."""
    found = _PATH.fullmatch(path)
    name = found["name"] if found else path
    if not name:
        return ()
    folders = (_told("directory", {"path": found["folder"]}, ("path",)),) if found and found["folder"] else ()
    said: Object = {"name": name} | ({"hashes": digests} if (digests := _digests(hashes)) else {})
    if folders:
        said["parent_directory_ref"] = folders[0]["id"]
    return (_told("file", said, ("hashes", "name", "parent_directory_ref")), *folders)


def process(key: str, details: Mapping[str, str]) -> tuple[Object, ...]:
    """Give a process, first, and the file it runs; `key` tells it from all others. Nothing if neither its id nor its command is known."""
    said: Object = {}
    if details.get("pid", "").isdecimal() and int(details["pid"]) <= _MOST_PID:
        said["pid"] = int(details["pid"])
    if command := details.get("command"):
        said["command_line"] = command
    image = file(details.get("image", ""), details.get("hash", ""))
    if image:
        said["image_ref"] = image[0]["id"]
    return ({"type": "process", "spec_version": "2.1", "id": unnamed_id("process", key), **said}, *image) if said else ()


def _digests(text: str) -> dict[str, str]:
    found = {match["name"]: match["digits"].lower() for match in _HASH.finditer(text)}
    return {_HASHES[name][0]: digits for name, digits in sorted(found.items()) if len(digits) == _HASHES[name][1]}


def _told(of_type: str, said: Object, names: tuple[str, ...]) -> Object:
    naming = {name: said[name] for name in names if name in said}
    if "hashes" in naming:
        first = next(name for name in ("MD5", "SHA-1", "SHA-256") if name in naming["hashes"])
        naming["hashes"] = {first: naming["hashes"][first]}
    canonical = json.dumps(naming, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return {"type": of_type, "spec_version": "2.1", "id": f"{of_type}--{uuid5(_IDS, canonical)}", **said}

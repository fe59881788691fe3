"""MISP warning lists from a zip or a `list.json`. Owns their format and which attributes are which kind; what a list covers is `allow`'s.

Source: MISP/misp-warninglists, `schema.json`.
"""

import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from watchkeeper.detection.intel.allow import AllowLists, ListType, make_allow_lists, prepared

MOST_MEMBERS = 4_096
MOST_BYTES = 1 << 30
"""Of all lists together, unpacked."""
TYPES = ("string", "hostname", "cidr", "substring", "regex")
_ATTRIBUTES = {
    **dict.fromkeys(("ip-src", "ip-dst", "ip-src|port", "ip-dst|port"), ("address", "network")),
    "domain|ip": ("address", "network", "domain"),
    **dict.fromkeys(("domain", "hostname", "hostname|port"), ("domain",)),
    **dict.fromkeys(("url", "uri", "link"), ("url",)),
    **{name: ("hash",) for one in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512") for name in (one, f"filename|{one}")},
    **dict.fromkeys(("email", "email-src", "email-dst", "target-email", "whois-registrant-email", "dns-soa-email"), ("mailbox",)),
    "filename": ("file",),
}


class _File(msgspec.Struct):
    name: str
    type: str
    entries: list[str] = msgspec.field(name="list")
    matching_attributes: list[str] = []


@dataclass(slots=True)
class Imported:
    """What became of a zip."""

    lists: AllowLists
    skipped: Counter[str] = field(default_factory=Counter[str])
    """Lists and entries that cannot be used, by reason."""


def read_warninglists(path: Path, leave_out: frozenset[str] = frozenset()) -> Imported:
    """Read the lists of a zip, of one JSON file or of a folder of these, but those of the folders or names to leave out.

    Raises:
        OSError: the file cannot be read.
        ValueError: there is no list in it, it is damaged, or too large.
    """
    lists: list[ListType] = []
    entries: list[tuple[int, str]] = []
    skipped: Counter[str] = Counter()
    for folder, content in _members(path):
        one = _parsed(content)
        if one is None:
            skipped["a file that is no warning list"] += 1
            continue
        kinds = frozenset(kind for name in one.matching_attributes for kind in _ATTRIBUTES.get(name, ()))
        if folder in leave_out or one.name in leave_out:
            skipped["a list that was left out"] += 1
        elif not kinds or one.type not in TYPES:
            skipped["a list about attributes that are not compared with events"] += 1
        else:
            usable = [(len(lists), entry) for text in one.entries if (entry := prepared(one.type, text))]
            if len(usable) < len(one.entries):
                skipped["an entry that cannot be used"] += len(one.entries) - len(usable)
            lists.append(ListType(one.name, one.type, kinds))
            entries += usable
    if not lists:
        raise ValueError(f"{str(path)!r} has no warning lists; it should be a zip of `lists/NAME/list.json`, as MISP publishes them")
    return Imported(make_allow_lists(lists, entries), skipped)


def _parsed(content: bytes) -> _File | None:
    try:
        return msgspec.json.decode(content, type=_File)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield each list with the name of its folder.

    Raises:
        ValueError: the zip is damaged or too large.
    """
    if path.is_dir():
        for file in sorted(one for one in path.rglob("*") if one.is_file()):
            yield from _members(file)
        return
    if not zipfile.is_zipfile(path):
        yield path.parent.name, path.read_bytes()
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith("list.json")]
            if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_BYTES:
                raise ValueError(f"{str(path)!r} has more than {MOST_MEMBERS:,} lists, or more than {MOST_BYTES >> 30} GiB of them")
            for one in sorted(members, key=lambda one: one.filename):
                with archive.open(one) as file:
                    yield one.filename.split("/")[-2] if "/" in one.filename else "", file.read(one.file_size)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise ValueError(f"cannot read {str(path)!r}: {error}") from error

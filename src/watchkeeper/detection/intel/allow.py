"""Allow-lists: what is known not to be an indicator. Owns what a list covers; reading MISP's files stands in `warninglists`.

A list covers values of the kinds that its attributes name: `string` the very value, `hostname` a domain and those under it, or a URL on
them, `cidr` addresses and networks within, `substring` and `regex` what they find. Lists are compiled once, when they are installed.

Source: MISP warning lists, README and `schema.json`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, cast

import msgspec
import numpy as np
import pyarrow as pa
import re2
from numpy.typing import NDArray

from watchkeeper.detection.intel.index import Index, index_of, make_index, map_arrays, write_arrays
from watchkeeper.detection.intel.ranges import Ranges, key_of, ranges
from watchkeeper.detection.intel.values import canonical, host_of, network, suffixes

_MEMORY_BYTES = 256 << 20
_SCHEMA = pa.schema([pa.field("list", pa.int32(), nullable=False), pa.field("entry", pa.string(), nullable=False)])


class Covered(NamedTuple):
    """Why a value is no indicator."""

    list_name: str
    entry: str
    """What in the list covers it."""


class ListType(msgspec.Struct, frozen=True):
    """How entries of a list are compared, and with what."""

    name: str
    type: str
    """string, hostname, cidr, substring or regex."""
    kinds: frozenset[str]
    """Kinds of values that it is about."""


@dataclass(frozen=True)
class AllowLists:
    """Lists and their entries, compiled."""

    lists: Sequence[ListType]
    entries: pa.Table
    """Place of the list, and the entry as `prepared` gives it."""
    index: Index
    """Of entries that are compared whole, by type and entry."""
    networks: Ranges
    network_rows: NDArray[np.int32]
    """Entry of each network."""

    def covering(self, kind: str, value: str) -> Covered | None:
        """Give the first list that covers a canonical value; none if none does."""
        return next(self._covering(kind, value), None)

    def _covering(self, kind: str, value: str) -> Iterator[Covered]:
        wanted = [("string", value)]
        if kind == "url":
            host = host_of(value)
            wanted += [("string", host)] if value.partition("://")[2] == f"{host}/" else []
        else:
            host = value if kind == "domain" else ""
        wanted += [("hostname", name) for name in suffixes(host)] if host else []
        for at, rows in self.index.find([f"{one}\0{text}" for one, text in wanted]):
            yield from self._applying(rows, kind, *wanted[at])
        for row in self._around(kind, value):
            yield from self._applying([row], kind, "cidr", None)
        for place, search in self._searches:
            if kind in self.lists[place].kinds and (found := search(value)):
                yield Covered(self.lists[place].name, found)

    def _applying(self, rows: Sequence[int], kind: str, of_type: str, text: str | None) -> Iterator[Covered]:
        for row in rows:
            entry: dict[str, Any] = self.entries.slice(row, 1).to_pylist()[0]
            one = self.lists[int(entry["list"])]
            if kind in one.kinds and one.type == of_type and text in (None, entry["entry"]):
                yield Covered(one.name, entry["entry"])

    def _around(self, kind: str, value: str) -> list[int]:
        """Give the entries whose network an address or network is in."""
        found: list[int] = []
        if kind == "address" and (key := key_of(value)):
            found = self.networks.find([key])[0]
        elif kind == "network" and (parsed := network(value)):
            found = self.networks.around(parsed)
        return [int(self.network_rows[place]) for place in found]

    @cached_property
    def _searches(self) -> list[tuple[int, Callable[[str], str]]]:
        searching = {place: one.type for place, one in enumerate(self.lists) if one.type in ("substring", "regex")}
        by_list: dict[int, list[str]] = {}
        places, entries = (cast("list[Any]", self.entries.column(name).to_pylist()) for name in ("list", "entry"))
        for place, entry in zip(places, entries, strict=True):
            if place in searching:
                by_list.setdefault(place, []).append(entry if searching[place] == "regex" else cast("Any", re2).escape(entry))
        return [(place, _search(patterns)) for place, patterns in by_list.items()]


def make_allow_lists(lists: Sequence[ListType], entries: Sequence[tuple[int, str]]) -> AllowLists:
    """Compile lists; entries are the place of a list with what `prepared` gives."""
    types = [lists[place].type for place, _ in entries]
    whole = [row for row, one in enumerate(types) if one in ("string", "hostname")]
    networks = [(row, found) for row, one in enumerate(types) if one == "cidr" and (found := network(entries[row][1])) is not None]
    columns: Any = [[place for place, _ in entries], [entry for _, entry in entries]]
    return AllowLists(
        tuple(lists),
        pa.table(columns, schema=_SCHEMA),
        make_index([f"{types[row]}\0{entries[row][1]}" for row in whole], whole),
        ranges([found for _, found in networks]),
        np.array([row for row, _ in networks], np.int32),
    )


NO_LISTS = make_allow_lists((), ())


def write_allow_lists(allow: AllowLists, folder: Path) -> None:
    """Write compiled lists into a folder that is there."""
    (folder / "allow.json").write_bytes(msgspec.json.encode(allow.lists))
    write_arrays(allow.index.arrays(), folder, "allow")
    write_arrays(allow.networks.arrays(), folder, "allow-networks")
    write_arrays({"rows": allow.network_rows}, folder, "of-allow-networks")
    with pa.OSFile(str(folder / "allow.arrow"), "wb") as file, pa.ipc.new_file(file, _SCHEMA) as writer:
        writer.write_table(allow.entries)


def open_allow_lists(folder: Path) -> AllowLists:
    """Map compiled lists from their folder.

    Raises:
        OSError: they are not there.
        ValueError: they are damaged.
    """
    try:
        lists = msgspec.json.decode((folder / "allow.json").read_bytes(), type=tuple[ListType, ...])
        index = index_of(map_arrays(folder, "allow", ("keys", "rows", "secret")))
        networks = Ranges(**map_arrays(folder, "allow-networks", ("starts", "owners", "parents")))
        rows = map_arrays(folder, "of-allow-networks", ("rows",))["rows"]
        entries = pa.ipc.open_file(pa.memory_map(str(folder / "allow.arrow"))).read_all()
    except (ValueError, pa.ArrowInvalid) as error:
        raise ValueError(f"the allow-lists in {str(folder)!r} are damaged: {error}; import them again") from error
    return AllowLists(lists, entries, index, networks, rows)


def prepared(kind: str, entry: str) -> str:
    """Give an entry of a list as it is compared; empty if it cannot be.

    A regular expression comes as `/…/flags`; what RE2 cannot run is refused.
    """
    text = entry.strip()
    match kind:
        case "cidr":
            found = network(text)
            return "" if found is None else str(found)
        case "hostname":
            return canonical("domain", text) or text.lower().strip(".")
        case "regex":
            return _expression(text)
        case "string":
            return canonical("address", text) or text.lower()
        case _:
            return text.lower()


def _expression(text: str) -> str:
    """Give a delimited expression as RE2 writes it; empty if it cannot run it."""
    body, _, flags = text[1:].rpartition(text[:1]) if len(text) > 2 else ("", "", "")
    if not body or not set(flags) <= set("gimsuU"):
        return ""
    pattern = f"(?{kept}:{body})" if (kept := "".join(flag for flag in flags if flag in "ims")) else f"(?:{body})"
    try:
        re2.compile(pattern, _quiet())
    except re2.error:
        return ""
    return pattern


def _quiet() -> Any:
    options: Any = re2.Options()
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    return options


def _search(patterns: Sequence[str]) -> Callable[[str], str]:
    compiled: Any = re2.compile("|".join(patterns), _quiet())

    def search(value: str) -> str:
        found = compiled.search(value)
        return found.group(0) if found else ""

    return search

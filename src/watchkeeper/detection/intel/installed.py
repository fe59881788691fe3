"""Installed intelligence: what of it is where, and replacing it whole. Owns the folder's layout, and merging what is new into what was.

    intel/
      current.json     which generation is in force
      generations/…/   indicators and allow-lists with their indexes: never changed

Only the replacement of `current.json` puts a generation in force: a crash at any moment leaves the old one or the new one, and who has the
old one mapped goes on with it.
"""

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute

from watchkeeper.detection.intel.allow import NO_LISTS, AllowLists, open_allow_lists, write_allow_lists
from watchkeeper.detection.intel.lookup import Lookup, make_lookup, open_lookup, write_lookup
from watchkeeper.model.indicator import INDICATOR_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know no chunked arrays in these places
CURRENT, GENERATIONS = "current.json", "generations"
_INCOMING = ".incoming-"


class _Current(msgspec.Struct, frozen=True):
    generation: str
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Installed:
    """Intelligence in force."""

    lookup: Lookup
    folder: Path
    """Its generation."""
    left_out: frozenset[str]
    """Names of allow-lists that a person does not want; what is installed later leaves them out too."""

    def allow(self) -> AllowLists:
        """Map the allow-lists.

        Raises:
            OSError: they are not there.
            ValueError: they are damaged.
        """
        return open_allow_lists(self.folder)


@dataclass(frozen=True, slots=True)
class Merged:
    """What an import changed."""

    added: int
    changed: int
    same: int
    removed: int


def open_installed(folder: Path) -> Installed | None:
    """Map what is in force; none if nothing is installed.

    Raises:
        OSError: it cannot be read.
        ValueError: it is damaged.
    """
    current = folder / CURRENT
    if not current.is_file():
        return None
    try:
        said = msgspec.json.decode(current.read_bytes(), type=_Current)
    except ValueError as error:
        raise ValueError(f"{str(current)!r} is damaged; import the intelligence again") from error
    named = said.generation
    if Path(named).name != named:
        raise ValueError(f"{str(current)!r} is damaged; import the intelligence again")
    generation = folder / GENERATIONS / named
    return Installed(open_lookup(generation), generation, said.left_out)


def install_indicators(folder: Path, new: pa.Table, *, replace: bool = False) -> Merged:
    """Merge indicators (`INDICATOR_SCHEMA`) into what is installed; with `replace`, those of their sources that are not among them go.

    What is there already keeps the time when it was first seen. If nothing changes, nothing is written.

    Raises:
        OSError: the folder cannot be read or written.
        ValueError: what is installed is damaged.
    """
    now = open_installed(folder)
    old = now.lookup.indicators if now else INDICATOR_SCHEMA.empty_table()
    known = pc.index_in(new.column("id"), value_set=old.column("id").combine_chunks())
    before = old.take(pc.fill_null(known, 0)) if old.num_rows else new
    first = pc.if_else(pc.is_valid(known), before.column("first_seen"), new.column("first_seen"))
    new = new.set_column(new.column_names.index("first_seen"), "first_seen", first).cast(INDICATOR_SCHEMA)
    there = new.filter(pc.is_valid(known))
    changed = _differing(there, before.filter(pc.is_valid(known)))
    kept = old.filter(pc.invert(pc.is_in(old.column("id"), value_set=new.column("id").combine_chunks())))
    staying = kept.filter(pc.invert(pc.is_in(kept.column("source"), value_set=pc.unique(new.column("source"))))) if replace else kept
    merged = Merged(new.num_rows - there.num_rows, changed, there.num_rows - changed, kept.num_rows - staying.num_rows)
    if merged.added or merged.changed or merged.removed:
        _put(folder, make_lookup(pa.concat_tables([staying, new])), now.allow() if now else NO_LISTS, now.left_out if now else frozenset())
    return merged


def remove_source(folder: Path, source: str) -> int:
    """Take out the indicators of a source, and say how many there were.

    Raises:
        OSError: the folder cannot be read or written.
        ValueError: what is installed is damaged.
    """
    now = open_installed(folder)
    if now is None:
        return 0
    staying = now.lookup.indicators.filter(pc.not_equal(now.lookup.indicators.column("source"), source))
    removed = now.lookup.indicators.num_rows - staying.num_rows
    if removed:
        _put(folder, make_lookup(staying), now.allow(), now.left_out)
    return removed


def install_allow(folder: Path, lists: AllowLists, left_out: frozenset[str] = frozenset()) -> None:
    """Put allow-lists in the place of those that were there, and keep the names of those that are not wanted.

    Raises:
        OSError: the folder cannot be read or written.
        ValueError: what is installed is damaged.
    """
    now = open_installed(folder)
    _put(folder, now.lookup if now else make_lookup(INDICATOR_SCHEMA.empty_table()), lists, left_out)


def _differing(new: pa.Table, old: pa.Table) -> int:
    """Count the rows of which anything but the time of the import differs."""
    if not new.num_rows:
        return 0
    differs = pa.chunked_array([pa.repeat(pa.scalar(False), new.num_rows)])  # noqa: FBT003 -- a value, not an option
    for name in new.column_names:
        ours, theirs = (_comparable(table.column(name)) for table in (new, old))
        differs = pc.or_(differs, pc.fill_null(pc.not_equal(ours, theirs), pc.xor(ours.is_valid(), theirs.is_valid())))
    return int(pc.sum(differs).as_py() or 0)


def _comparable(column: Any) -> Any:
    return pc.binary_join(column.combine_chunks(), "\x1f") if pa.types.is_list(column.type) else column.combine_chunks()


def _put(folder: Path, lookup: Lookup, allow: AllowLists, left_out: frozenset[str]) -> None:
    generations = folder / GENERATIONS
    generations.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=generations))
    try:
        write_lookup(lookup, made)
        write_allow_lists(allow, made)
        name = made.name.removeprefix(_INCOMING)
        made.rename(generations / name)
        _replace(folder / CURRENT, msgspec.json.encode(_Current(name, left_out), order="sorted"))
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    for old in generations.iterdir():
        if old.name != name and not old.name.startswith(_INCOMING):
            shutil.rmtree(old, ignore_errors=True)


def _replace(path: Path, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).replace(path)

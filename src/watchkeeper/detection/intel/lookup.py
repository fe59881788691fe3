"""The lookup: which indicators have a value. Owns indicators beside their index; equal hashes alone are no match, the values must be equal.

Memory is touched only where something is looked up: the index, the ranges and the indicators are mapped from disk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray

from watchkeeper.detection.intel.index import Index, index_of, make_index, map_arrays, write_arrays
from watchkeeper.detection.intel.ranges import Ranges, key_of, ranges
from watchkeeper.detection.intel.values import network
from watchkeeper.model.indicator import INDICATOR_SCHEMA

pc: Any = pyarrow.compute  # its shipped types know no chunked arrays in these places
Pair = tuple[str, str]
"""Kind and canonical value."""
_INDICATORS = "indicators.arrow"


@dataclass(frozen=True, slots=True)
class Lookup:
    """Indicators, and where each value is among them."""

    indicators: pa.Table
    """`INDICATOR_SCHEMA`."""
    index: Index
    networks: Ranges
    network_rows: NDArray[np.int32]
    """Row of the indicator of each network."""
    kinds: frozenset[str]
    """Kinds of values that can be found; networks are found by addresses."""

    def find(self, pairs: Sequence[Pair]) -> list[tuple[int, ...]]:
        """Give for each value the rows of its indicators, for an address those of networks around it too."""
        found: list[tuple[int, ...]] = [()] * len(pairs)
        kinds, values = self.indicators.column("kind"), self.indicators.column("value")
        for at, rows in self.index.find([f"{kind}\0{value}" for kind, value in pairs]):
            found[at] = tuple(row for row in rows if (kinds[row].as_py(), values[row].as_py()) == pairs[at])
        if len(self.networks.parents):
            keys = {at: key for at, (kind, value) in enumerate(pairs) if kind == "address" and (key := key_of(value)) is not None}
            for at, places in zip(keys, self.networks.find(list(keys.values())), strict=True):
                found[at] += tuple(int(self.network_rows[place]) for place in places)
        return found

    def row(self, place: int) -> dict[str, Any]:
        """Give one indicator as a row of `INDICATOR_SCHEMA`."""
        return self.indicators.slice(place, 1).to_pylist()[0]


def make_lookup(indicators: pa.Table) -> Lookup:
    """Make the lookup of indicators (`INDICATOR_SCHEMA`); those taken back are left out."""
    indicators = indicators.combine_chunks()
    live = cast("list[int]", pc.indices_nonzero(pc.invert(indicators.column("revoked"))).to_pylist())
    kinds, values = (cast("list[str]", indicators.column(name).to_pylist()) for name in ("kind", "value"))
    networks = [(row, found) for row in live if kinds[row] == "network" and (found := network(values[row])) is not None]
    return Lookup(
        indicators,
        make_index([f"{kinds[row]}\0{values[row]}" for row in live], live),
        ranges([found for _, found in networks]),
        np.array([row for row, _ in networks], np.int32),
        _kinds(indicators),
    )


def write_lookup(lookup: Lookup, folder: Path) -> None:
    """Write a lookup and its indicators into a folder that is there."""
    write_arrays(lookup.index.arrays(), folder, "index")
    write_arrays(lookup.networks.arrays(), folder, "networks")
    write_arrays({"rows": lookup.network_rows}, folder, "of-networks")
    with pa.OSFile(str(folder / _INDICATORS), "wb") as file, pa.ipc.new_file(file, INDICATOR_SCHEMA) as writer:
        writer.write_table(lookup.indicators.combine_chunks())


def open_lookup(folder: Path) -> Lookup:
    """Map a lookup from its folder.

    Raises:
        OSError: it is not there.
        ValueError: it is damaged.
    """
    try:
        index = index_of(map_arrays(folder, "index", ("keys", "rows", "secret")))
        networks = Ranges(**map_arrays(folder, "networks", ("starts", "owners", "parents")))
        rows = map_arrays(folder, "of-networks", ("rows",))["rows"]
        indicators = pa.ipc.open_file(pa.memory_map(str(folder / _INDICATORS))).read_all()
    except (ValueError, pa.ArrowInvalid) as error:
        raise ValueError(f"the lookup in {str(folder)!r} is damaged: {error}; import the intelligence again") from error
    if indicators.schema != INDICATOR_SCHEMA or len(index.keys) != len(index.rows) or len(rows) != len(networks.parents):
        raise ValueError(f"the lookup in {str(folder)!r} is of another version; import the intelligence again")
    return Lookup(indicators, index, networks, rows, _kinds(indicators))


def _kinds(indicators: pa.Table) -> frozenset[str]:
    kinds = frozenset(cast("list[str]", pc.unique(indicators.column("kind")).to_pylist()))
    return kinds - {"network"} | {"address"} if "network" in kinds else kinds

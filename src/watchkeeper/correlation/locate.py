"""Signals that name an address instead of a host. Owns putting in the host that held it then; who held what is the caller's knowledge."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.correlation.tie import HostOf

_Entities = list[Mapping[str, str]]
_Placed = tuple[str, _Entities]
_compute = cast("Any", pc)
_ADDRESS = r"^(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})$"


def located(signals: pa.Table, host_of: HostOf) -> pa.Table:
    """Give each signal without a host, or with an address for one, the host that held its address then, where that is known.

    Of several addresses the first that somebody held counts. The host takes the place of the address among the entities too.
    """
    table = cast("Any", signals)
    hosts = table.column("host").combine_chunks()
    nameless = _compute.or_(_compute.equal(hosts, ""), _compute.match_substring_regex(hosts, _ADDRESS))
    rows = cast("list[int]", _compute.indices_nonzero(nameless).to_pylist())
    part = table.select(["host", "time", "entities"]).take(pa.array(rows, pa.int64()))
    part = part.set_column(1, "time", part.column("time").cast(pa.int64()))
    found: dict[int, _Placed] = {}
    for row, one in zip(rows, cast("list[dict[str, Any]]", part.to_pylist()), strict=True):
        holder = next((held for address in _addresses(one["host"], one["entities"]) if (held := host_of(address, one["time"]))), None)
        if holder:
            found[row] = holder, _with_host(one["entities"], one["host"], holder)
    return _put(table, found) if found else signals


def _addresses(host: str, entities: Sequence[Mapping[str, str]]) -> list[str]:
    return [host] if host else [entity["value"] for entity in entities if entity["kind"] == "address"]


def _with_host(entities: Sequence[Mapping[str, str]], old: str, new: str) -> _Entities:
    others = [entity for entity in entities if entity["kind"] != "host" or entity["value"] not in (old, new)]
    return [{"kind": "host", "value": new}, *others]


def _put(table: Any, found: Mapping[int, _Placed]) -> pa.Table:
    """Replace host and entities of the rows found."""
    is_found = pa.array([row in found for row in range(table.num_rows)])
    for name, place in (("host", 0), ("entities", 1)):
        at = table.schema.get_field_index(name)
        values = [found[row][place] if row in found else None for row in range(table.num_rows)]
        new = cast("Any", pa.array(values, table.schema.field(at).type))
        table = table.set_column(at, table.schema.field(at), _compute.if_else(is_found, new, table.column(at).combine_chunks()))
    return table

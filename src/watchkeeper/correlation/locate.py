"""Signals that name an address instead of a host, or an account by one of its names. Owns putting in the host, and the one name.

Who held which address, and which names are whose, is the caller's knowledge.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from watchkeeper.correlation.tie import HostOf
from watchkeeper.schema.account import bare

NameOf = Callable[[str, str], str]
"""Gives the one name of an account, however it is written, that a host speaks of; the host may be empty."""

_Entities = list[Mapping[str, str]]
_Placed = tuple[str, _Entities]
_compute = cast("Any", pc)
_BETWEEN = "\x00"
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


def alone(account: str, _: str) -> str:
    """Give the name of an account without its domain, of which nothing else is known."""
    return bare(account)


def named(signals: pa.Table, name_of: NameOf) -> pa.Table:
    """Give each signal with its user, and the accounts among its entities, under the one name that each account has.

    An account that is known by its SID alone becomes a user once its name is known.
    """
    table = cast("Any", signals)
    users, hosts, entities = (table.column(name).combine_chunks() for name in ("user", "host", "entities"))
    table = table.set_column(table.schema.get_field_index("user"), table.schema.field("user"), _called(users, hosts, name_of))
    elements = entities.flatten()
    rows = _compute.list_parent_indices(entities)
    kinds, values = (_compute.struct_field(elements, part) for part in ("kind", "value"))
    accounts = _compute.and_(_compute.equal(kinds, "account"), _compute.match_substring_regex(values, r"^s-1-\d"))
    old = _compute.if_else(_compute.or_(_compute.equal(kinds, "user"), accounts), values, pa.scalar(None, pa.string()))
    new = _compute.coalesce(_called(old, hosts.take(rows), name_of), values)
    if new.equals(values):
        return table
    known = _compute.and_(accounts, _compute.invert(_compute.equal(new, values)))
    renamed = _each_once(rows, _compute.if_else(known, "user", kinds), new, len(entities))
    at = table.schema.get_field_index("entities")
    return table.set_column(at, table.schema.field(at), renamed.cast(table.schema.field(at).type))


def _called(accounts: Any, hosts: Any, name_of: NameOf) -> Any:
    """Give the one name of each account, each different pair of account and host asked once."""
    coded = _compute.binary_join_element_wise(accounts, hosts, _BETWEEN).dictionary_encode()
    pairs = (text.rpartition(_BETWEEN) for text in coded.dictionary.to_pylist())
    return pa.array([name_of(account, host) for account, _, host in pairs], pa.string()).take(coded.indices)


def _each_once(rows: Any, kinds: Any, values: Any, signals: int) -> Any:
    """Give the entities of each signal again, without those that have become the same."""
    table = cast("Any", pa.table({"row": rows, "kind": kinds, "value": values, "at": np.arange(len(rows))}))
    firsts = table.group_by(["row", "kind", "value"], use_threads=False).aggregate([("at", "min")])
    kept = firsts.column("at_min").combine_chunks().sort()  # groups come in no order that one could rely on
    counts = np.bincount(np.asarray(rows.take(kept)), minlength=signals)
    structs = pa.StructArray.from_arrays([kinds.take(kept), values.take(kept)], ["kind", "value"])
    return pa.ListArray.from_arrays(pa.array(np.concatenate(([0], counts.cumsum())), pa.int32()), structs)

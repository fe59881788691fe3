"""The view under the names of the Elastic Common Schema. Owns following `ecs.yml`; what the view holds stands in `view`."""

from collections.abc import Mapping
from functools import cache
from typing import cast

import pyarrow as pa

from watchkeeper.content import document
from watchkeeper.schema.arrays import Column, compacted
from watchkeeper.schema.spec import Spec, spec
from watchkeeper.schema.values import Natives, filled

_FILE = "schema/ecs.yml"


def ecs(seen: pa.Table) -> pa.Table:
    """Give what `view` gave under ECS's names, row for row; the first columns say which event it is, as they do there."""
    natives = Natives(seen, {})
    columns: dict[str, Column] = {name: seen.column(name) for name in seen.column_names if name.startswith("_")}
    for name, steps in names().items():
        column = filled(natives, steps)
        if column is not None:
            columns[name] = compacted(column)
    return pa.table(columns)


@cache
def names() -> Mapping[str, Spec]:
    """Give ECS's names with the paths of the view that they stand for."""
    written = cast("dict[str, object]", document(_FILE))
    return {name: spec(one, f"ecs.yml, {name}") for name, one in written.items()}

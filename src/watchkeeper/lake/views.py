"""What a question sees: the views `events`, `ecs` and `raw`, and the macro `field`. Owns their columns; what may be asked is `question`'s.

A path stands in a view under its dotted name as one plain column, so that DuckDB reads only the columns that a question names and pushes
conditions on them down to the row groups.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import cache

from watchkeeper.lake.active import Chosen
from watchkeeper.lake.part_file import PART_SCHEMA, PARTITION, TYPES
from watchkeeper.model.stored import STORED_SCHEMA
from watchkeeper.schema import class_numbers, ecs_names
from watchkeeper.schema.spec import Condition, Step

VIEWS = ("events", "ecs", "raw")
"""What can be asked."""
LONG = ("_fields", "_raw")
"""Columns of `events` that are there only for a question that names them or calls `field`: each takes longer to read than all others."""
_RAW = ("_tenant", "_id", "_time", "_received", "_host", "_source", "_product", "_raw")
_ECS_ALSO = ("_tenant", "_id", "_time", "_host", "_source", "_product", "_service", "_event_type", "class_uid")
_TYPES = {"string": "VARCHAR", "int64": "BIGINT", "timestamp[us, tz=UTC]": "TIMESTAMPTZ", "date32[day]": "DATE"}
_FIELD = """CREATE OR REPLACE TEMP MACRO field(name) AS CASE WHEN json_valid(coalesce(_fields, _raw))
    THEN json_extract_string(coalesce(_fields, _raw), '$."' || name || '"') END"""
"""Gives a native field of an event of `events`; a value that is a list comes as JSON."""


def dotted() -> frozenset[str]:
    """Give the columns whose names have dots, in small letters."""
    return frozenset(name.lower() for name in (*STORED_SCHEMA.names, *_ecs()) if "." in name)


def statements(files: Chosen, span: str, wanted: Collection[str], *, long: bool) -> Iterator[str]:
    """Yield the statements that make the wanted views over these files; `span` is a condition that bounds them, `long` adds `LONG`."""
    source = f"FROM {_scan(files)} WHERE {span}"
    columns = [name for name in STORED_SCHEMA.names if long or name not in LONG]
    ecs = (*map(_quoted, _ECS_ALSO), *(f"{expression} AS {_quoted(name)}" for name, expression in _ecs().items()))
    every = {"events": map(_quoted, columns), "raw": map(_quoted, _RAW), "ecs": ecs}
    for name in wanted:
        yield f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT {', '.join(every[name])} {source}"
    yield _FIELD


def _scan(files: Chosen) -> str:
    if not files.paths:
        empty = ", ".join(f"NULL::{_type(name)} AS {_quoted(name)}" for name in STORED_SCHEMA.names)
        return f"(SELECT {empty} LIMIT 0)"
    paths = ", ".join(map(_text, files.paths))
    kinds = ", ".join(f"'{name}': {_type(name)}" for name in PARTITION)
    return f"read_parquet([{paths}], hive_partitioning = true, hive_types = {{{kinds}}}, union_by_name = {str(files.mixed).lower()})"


def _type(name: str) -> str:
    return _TYPES.get(str(TYPES[name]), "VARCHAR[]")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


@cache
def _ecs() -> dict[str, str]:
    """Give ECS's names with what they are in SQL, as far as the lake holds it."""
    found: dict[str, str] = {}
    for name, steps in ecs_names().items():
        ways = [way for step in steps for way in _ways(step)]
        if ways:
            found[name] = ways[0] if len(ways) == 1 else f"coalesce({', '.join(ways)})"
    return found


def _ways(step: Step) -> Sequence[str]:
    if step.values is not None:
        return _cased(step)
    held = [name for name in step.fields if name in PART_SCHEMA.names]
    if set(step.transforms) - {"lower"}:
        return ()
    values = [f"lower({_quoted(name)})" if step.transforms else _quoted(name) for name in held]
    return values if step.when is None else [f"CASE WHEN {_holds(step.when)} THEN {value} END" for value in values]


def _cased(step: Step) -> Sequence[str]:
    """Write a value that stands for others; the name of a class is told by its number, which is what the lake holds."""
    numbers, values = class_numbers(), step.values or {}
    if step.fields == ("class_name",):
        cases = [(str(numbers[name]), said) for name, said in values.items() if name in numbers]
        subject = "class_uid"
    elif len(step.fields) == 1 and step.fields[0] in PART_SCHEMA.names:
        cases = [(_text(name), said) for name, said in values.items()]
        subject = f"lower({_quoted(step.fields[0])})"
    else:
        return ()
    otherwise = f" ELSE {_text(step.other)}" if step.other else ""
    return [f"CASE {subject} {' '.join(f'WHEN {case} THEN {_text(said)}' for case, said in cases)}{otherwise} END"]


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _holds(condition: Condition) -> str:
    numbers = class_numbers()
    wanted = [numbers[name] for key, names in condition.wanted if key == "class_name" for name in names if name in numbers]
    return f"class_uid IN ({', '.join(map(str, wanted))})" if wanted else "false"

"""How far in time a question reaches, by its tree. Owns which conditions and orders are understood; what is not bounds nothing.

Only files that a question can concern are opened: those within the bounds that it sets for `_time`, and of one for the newest so many rows
the newest files alone, until there are so many.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

Tree = dict[str, Any]
Moment = Callable[[Tree], int | None]
"""Works out an expression that names no column: microseconds since 1970, none if it is no time."""
Span = tuple[int | None, int | None]
"""First and last microsecond, both included."""
MOST_NEWEST = 10_000
_TIMES = {"_time", "@timestamp"}
_LATER, _EARLIER = {"COMPARE_GREATERTHAN", "COMPARE_GREATERTHANOREQUALTO"}, {"COMPARE_LESSTHAN", "COMPARE_LESSTHANOREQUALTO"}
_CLOCKS = {"now", "get_current_timestamp", "current_timestamp", "transaction_timestamp", "ago", "today", "current_date", "date_trunc",
           "trunc", "-", "+", *(f"to_{unit}" for unit in ("years", "months", "weeks", "days", "hours", "minutes", "seconds"))}  # fmt: skip
"""Functions that a lower bound may call: the clock goes on between looking at a question and running it, which lets only that be true."""
_SLACK_MICROS = 60_000_000
_PLAIN = {"COLUMN_REF", "STAR", "CONSTANT", "CAST", "COMPARISON", "CONJUNCTION", "OPERATOR", "CASE", "FUNCTION", "BETWEEN"}
_PLAIN_FUNCTIONS = {"field", "lower", "upper", "length", "substr", "substring", "left", "right", "trim", "replace", "concat", "||",
                    "date_trunc", "time_bucket", "strftime", "list_contains", "contains", "starts_with", "ends_with", "~~", "~~*",
                    "!~~", "!~~*", "regexp_matches", "regexp_extract", "array_to_string"}  # fmt: skip
"""Functions that give one value for each row; others may count or multiply rows."""


def span_of(query: Tree, views: frozenset[str], moment: Moment) -> Span:
    """Give the bounds within which lie all events that a question can concern."""
    held = {id(node["from_table"]): _conditions(node, moment) for node in every(query) if _is_plain(node, views)}
    tables = [node for node in every(query) if node.get("type") == "BASE_TABLE" and str(node["table_name"]).lower() in views]
    starts, ends = [list[int | None](side) for side in zip(*(held.get(id(table), (None, None)) for table in tables), strict=True)] or (
        [],
        [],
    )
    known = [one for one in starts if one is not None], [one for one in ends if one is not None]
    start = min(known[0]) if known[0] and len(known[0]) == len(tables) else None
    end = max(known[1]) if known[1] and len(known[1]) == len(tables) else None
    return start, end


def newest_of(query: Tree, views: frozenset[str]) -> tuple[Tree, int] | None:
    """Give, of a question for the newest so many rows, the question for their times alone, and how many; of another nothing."""
    tables = sum(node.get("type") == "BASE_TABLE" for node in every(query))
    if tables != 1 or query["cte_map"]["map"] or not _is_plain(query, views) or not _counts_nothing(query):
        return None
    order = _ordered(query)
    rows = None if order is None else _limit(query)
    if order is None or rows is None or not 0 < rows <= MOST_NEWEST:
        return None
    limit = {"type": "LIMIT_MODIFIER", "limit": number(rows), "offset": None}
    return {**query, "select_list": [order["orders"][0]["expression"]], "modifiers": [order, limit]}, rows


def _is_plain(node: Tree, views: frozenset[str]) -> bool:
    """Say whether a part of a question asks one view and nothing else."""
    table = node.get("from_table")
    if node.get("type") != "SELECT_NODE" or not isinstance(table, dict):
        return False
    asked = cast("Tree", table)
    if asked.get("type") != "BASE_TABLE" or str(asked["table_name"]).lower() not in views:
        return False
    return not (asked.get("sample") or asked.get("column_name_alias") or node.get("sample"))


def _conditions(node: Tree, moment: Moment) -> Span:
    start: int | None = None
    end: int | None = None
    table: Tree = node["from_table"]
    names = {str(table.get("alias") or table["table_name"]).lower()}
    for least, most in (_bounds(one, names, moment) for one in _joined(node.get("where_clause"))):
        start = least if start is None else start if least is None else max(start, least)
        end = most if end is None else end if most is None else min(end, most)
    return start, end


def _joined(condition: Tree | None) -> Iterator[Tree]:
    """Yield the conditions that must all hold."""
    if condition is None:
        return
    if condition.get("type") == "CONJUNCTION_AND":
        for one in condition["children"]:
            yield from _joined(one)
    else:
        yield condition


def _bounds(one: Tree, names: set[str], moment: Moment) -> Span:
    kind = one.get("type")
    if kind == "COMPARE_BETWEEN" and _is_time(one["input"], names):
        return _bound(one["lower"], moment, lower=True), _bound(one["upper"], moment, lower=False)
    if one.get("class") != "COMPARISON":
        return None, None
    left, right = one["left"], one["right"]
    mirrored = _is_time(right, names)
    if mirrored == _is_time(left, names):
        return None, None
    other = left if mirrored else right
    if kind == "COMPARE_EQUAL":
        return _bound(other, moment, lower=True), _bound(other, moment, lower=False)
    if kind in (_EARLIER if mirrored else _LATER):
        return _bound(other, moment, lower=True), None
    return None, _bound(other, moment, lower=False) if kind in (_LATER if mirrored else _EARLIER) else None


def _bound(expression: Tree, moment: Moment, *, lower: bool) -> int | None:
    for node in every(expression):
        family = node.get("class")
        if isinstance(family, str) and family not in {"CONSTANT", "CAST", "FUNCTION"}:
            return None
        if family == "FUNCTION" and (not lower or str(node["function_name"]).lower() not in _CLOCKS):
            return None
    found = moment(expression)
    return None if found is None else found - _SLACK_MICROS if lower else found


def _is_time(expression: Tree, names: set[str]) -> bool:
    if expression.get("class") != "COLUMN_REF":
        return False
    *before, name = [str(part).lower() for part in expression["column_names"]]
    return name in _TIMES and (not before or (len(before) == 1 and before[0] in names))


def _counts_nothing(query: Tree) -> bool:
    """Say whether each row that is found gives one row of the answer."""
    if query.get("group_expressions") or query.get("group_sets") or query.get("having") or query.get("qualify"):
        return False
    if query.get("aggregate_handling") != "STANDARD_HANDLING":
        return False
    for node in every(query["select_list"]):
        family = node.get("class")
        if isinstance(family, str) and family not in _PLAIN:
            return False
        if family == "FUNCTION" and str(node["function_name"]).lower() not in _PLAIN_FUNCTIONS:
            return False
        if str(node.get("alias", "")).lower() in _TIMES or node.get("replace_list") or node.get("rename_list"):
            return False
    return True


def _ordered(query: Tree) -> Tree | None:
    """Give the order of a question whose newest events come first."""
    table: Tree = query["from_table"]
    modifiers: list[Tree] = query["modifiers"]
    if [one["type"] for one in modifiers] != ["ORDER_MODIFIER", "LIMIT_MODIFIER"] or len(modifiers[0]["orders"]) != 1:
        return None
    order = modifiers[0]["orders"][0]
    down = order["type"] == "DESCENDING" and order["null_order"] in {"ORDER_DEFAULT", "NULLS LAST", "NULLS_LAST"}
    name = str(table.get("alias") or table["table_name"]).lower()
    return modifiers[0] if down and _is_time(order["expression"], {name}) else None


def _limit(query: Tree) -> int | None:
    limit: Tree = query["modifiers"][1]
    rows, skipped = _whole(limit["limit"]), 0 if limit["offset"] is None else _whole(limit["offset"])
    return None if rows is None or skipped is None else rows + skipped


def _whole(node: Mapping[str, Any] | None) -> int | None:
    value = node["value"].get("value") if node is not None and node.get("class") == "CONSTANT" else None
    return value if isinstance(value, int) else None


def number(value: int) -> Tree:
    """Give the tree of a number."""
    whole = {"type": {"id": "BIGINT", "type_info": None}, "is_null": False, "value": value}
    return {"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "query_location": 0, "value": whole}


def every(node: object) -> Iterator[Tree]:
    """Yield every node of a tree."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield cast("Tree", one)
            waiting.extend(cast("Tree", one).values())
        elif isinstance(one, list):
            waiting.extend(cast("list[object]", one))

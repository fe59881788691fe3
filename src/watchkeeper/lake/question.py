"""A question in SQL, looked at before it is run: one SELECT over the views and nothing else. Owns what it may name; running it is `sql`'s.

DuckDB parses the text; what it gives is a tree, and every table, function and kind of node in it must be on a list. What runs is written
from the tree and looked at once more. A dotted path that people write without quotes (`src_endpoint.ip`) is made one column's name.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

import msgspec

from watchkeeper.content import document
from watchkeeper.lake.reach import Span, Tree, every, newest_of, number, span_of
from watchkeeper.lake.views import LONG, VIEWS, dotted

MOST_CHARACTERS = 20_000
MOST_TABLES = 200
MOST_DEPTH = 400
"""Levels of the tree that DuckDB makes of a question."""
_NODES = {"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"}
_TABLES = {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "SHOW_REF", "PIVOT"}
_PARTS = {"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER", "ORDER_DEFAULT", "ASCENDING", "DESCENDING"}
_CLASSES = {"COLUMN_REF", "CONSTANT", "FUNCTION", "WINDOW", "STAR", "SUBQUERY", "CAST", "COMPARISON", "CONJUNCTION", "OPERATOR", "CASE",
            "LAMBDA", "LAMBDA_REF", "BETWEEN", "COLLATE", "POSITIONAL_REFERENCE"}  # fmt: skip
_NAME = re.compile(r"(?!(?:duckdb|pg|sqlite|pragma|information_schema)(?:_|$))[^\W\d]\w{0,62}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Parser:
    """DuckDB's own: text to its tree as JSON, and back, and what a text without tables is as a time."""

    tree: Callable[[str], str]
    text: Callable[[str], str]
    moment: Callable[[str], int | None]
    """Microseconds since 1970; none if it is no time."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question that may be run."""

    text: str
    views: frozenset[str]
    """Views that it asks."""
    long: bool
    """Whether it needs the columns that take long to read."""
    span: Span = (None, None)
    """Bounds of `_time` within which lies all that it asks for."""
    newest: str = ""
    """Of a question for the newest so many rows: the question for their times alone."""
    newest_rows: int = 0
    """How many."""


def checked(text: str, parser: Parser, rows: int) -> Question:
    """Look at a question and give what is to be run; one without a limit of its own stops after so many rows.

    Raises:
        ValueError: it is not one SELECT over the views, and why.
    """
    if not text.isprintable() and any(0xD800 <= ord(character) < 0xE000 or character == "\0" for character in text):
        raise ValueError("the question is no text")
    if len(text) > MOST_CHARACTERS:
        raise ValueError(f"the question has {len(text):,} characters; {MOST_CHARACTERS:,} are read")
    if _depth(text) > MOST_DEPTH:
        raise ValueError(f"the question is nested too deep; {MOST_DEPTH} levels are read")
    try:
        tree = _looked_at(text, parser)
        _limited(_only(tree), rows)
        settled = parser.text(msgspec.json.encode(tree).decode())
        query = _only(_looked_at(settled, parser))
    except RecursionError as error:
        raise ValueError("the question is nested too deep") from error
    named = {str(part).lower() for node in every(query) for part in node.get("column_names") or ()}
    called = {node.get("function_name") for node in every(query)}
    views = {str(node["table_name"]).lower() for node in every(query) if node.get("type") == "BASE_TABLE"}
    long = "field" in called or not named.isdisjoint(LONG)
    span = span_of(query, frozenset(VIEWS), lambda expression: parser.moment(parser.text(_one_value(parser, expression))))
    newest = newest_of(query, frozenset(VIEWS))
    times = ("", 0) if newest is None else (parser.text(_statement(newest[0])), newest[1])
    return Question(settled, frozenset(views.intersection(VIEWS)), long, span, *times)


def _statement(query: Tree) -> str:
    return msgspec.json.encode({"error": False, "statements": [{"node": query, "named_param_map": []}]}).decode()


def _one_value(parser: Parser, expression: Tree) -> str:
    return _statement({**_only(msgspec.json.decode(parser.tree("SELECT 1"))), "select_list": [expression]})


def _looked_at(text: str, parser: Parser) -> Tree:
    tree: Tree = msgspec.json.decode(parser.tree(text))
    query = _only(tree)
    if _weight(query, {}) > MOST_TABLES:
        raise ValueError(f"the question names tables of its own too often; {MOST_TABLES} tables are read in all")
    _look(query, frozenset(), {str(node["alias"]).lower() for node in every(query) if node.get("alias")})
    return tree


def _depth(text: str) -> int:
    """Say at most how deep the parser could have to go: it is not asked to look at what would be too deep for it."""
    deep = most = 0
    for character in text:
        deep += (character in "([{") - (character in ")]}")
        most = max(most, deep)
    return most + len(re.findall(r"(?i)\bnot\b|[-+~!](?=\s*[-+~!])", text)) // 2


def _only(tree: Tree) -> Tree:
    if tree.get("error"):
        told = str(tree.get("error_message", ""))
        raise ValueError("ask with SELECT, nothing else" if "SELECT statements" in told else told.splitlines()[0])
    statements = tree["statements"]
    if len(statements) != 1:
        raise ValueError(f"ask one question at a time; there are {len(statements)}")
    return cast("Tree", statements[0]["node"])


def _weight(node: object, weights: Mapping[str, int]) -> int:
    """Say how much DuckDB makes of a question: a table of the question's own counts as often as it is named."""
    if isinstance(node, list):
        return sum(_weight(one, weights) for one in cast("list[object]", node))
    if not isinstance(node, dict):
        return 0
    tree, own = cast("Tree", node), dict(weights)
    for entry in _made(tree):
        own[str(entry["key"]).lower()] = _weight(entry["value"], own) + 1
    named = own.get(str(tree.get("table_name")).lower(), 1) if tree.get("type") == "BASE_TABLE" else 0
    return named + sum(_weight(one, own) for name, one in tree.items() if name != "cte_map")


def _limited(query: Tree, rows: int) -> None:
    modifiers: list[Tree] = query["modifiers"]
    if not any(modifier["type"] in {"LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER"} for modifier in modifiers):
        modifiers.append({"type": "LIMIT_MODIFIER", "limit": number(rows), "offset": None})


def _look(node: object, known: frozenset[str], aliases: set[str]) -> None:
    """Refuse what is not on a list; `known` are the names of the question's own tables that may be meant here."""
    if isinstance(node, list):
        for one in cast("list[object]", node):
            _look(one, known, aliases)
    if not isinstance(node, dict):
        return
    tree = cast("Tree", node)
    known = _own(tree, known, aliases)
    kind, family = tree.get("type"), tree.get("class")
    if isinstance(family, str):
        _expression(tree, family, aliases)
    elif isinstance(kind, str):
        _table(tree, kind, known)
    for name, one in tree.items():
        if name != "cte_map":
            _look(one, known, aliases)


def _own(tree: Tree, known: frozenset[str], aliases: set[str]) -> frozenset[str]:
    """Look at the tables that a question makes of its own, in their order, and give the names that are known after them."""
    for entry in _made(tree):
        name = str(entry["key"]).lower()
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name for a table of your own; use letters, digits and _")
        recursive = entry["value"]["query"]["node"]["type"] == "RECURSIVE_CTE_NODE"
        _look(entry["value"], known | {name} if recursive else known, aliases)
        known |= {name}
    return known


def _made(tree: Tree) -> list[Tree]:
    """Give the tables that a question makes of its own: `key` is the name."""
    made: Tree = tree.get("cte_map") or {"map": []}
    return made["map"]


def _table(tree: Tree, kind: str, known: frozenset[str]) -> None:
    if kind not in _TABLES | _NODES | _PARTS:
        raise ValueError(f"{kind.lower()!r} cannot be asked here; ask with SELECT over {', '.join(VIEWS)}")
    if kind == "SHOW_REF" and not tree.get("query"):
        raise ValueError(f"tables are {', '.join(VIEWS)}; DESCRIBE with the name of one gives its columns")
    if kind == "TABLE_FUNCTION" and str(tree["function"]["function_name"]).lower() not in _allowed()["tables"]:
        raise ValueError(f"{tree['function']['function_name']!r} gives no rows here; ask {', '.join(VIEWS)}")
    if kind == "BASE_TABLE":
        name = str(tree["table_name"]).lower()
        if tree.get("schema_name") or tree.get("catalog_name") or name not in known.union(VIEWS):
            raise ValueError(f"there is no table {name[:80]!r}; there are {', '.join(VIEWS)}")


def _expression(tree: Tree, family: str, aliases: set[str]) -> None:
    if family not in _CLASSES:
        raise ValueError(f"{family.lower()!r} cannot be asked here; write the value itself")
    if family in {"FUNCTION", "WINDOW"}:
        name = str(tree["function_name"]).lower()
        allowed = _allowed()
        if (
            tree.get("schema") not in {"", "main", None}
            or tree.get("catalog")
            or name not in allowed["functions"] | allowed["operators"] | allowed["tables"]
        ):
            raise ValueError(f"{name[:80]!r} is no function that can be called here; docs/hunting.md says which can")
    if family == "COLUMN_REF":
        tree["column_names"] = _joined(tree["column_names"], aliases)


def _joined(names: list[str], aliases: set[str]) -> list[str]:
    """Make a dotted path one name, unless its first part is what the question calls a table."""
    for first in (0, 1):
        path = ".".join(names[first:])
        if len(names) - first > 1 and path.lower() in dotted() and (first or names[0].lower() not in aliases):
            return [*names[:first], path]
    return names


@cache
def _allowed() -> Mapping[str, frozenset[str]]:
    written: Mapping[str, list[str]] = document("sql.yml")
    return {kind: frozenset(name.lower() for name in names) for kind, names in written.items()}

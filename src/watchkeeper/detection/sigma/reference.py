"""Compiling conditions into closures over rows: the reference evaluator. Owns what each test means; which rules to run is the plan's."""

from collections.abc import Callable, Sequence
from functools import partial

from watchkeeper.detection.sigma import values
from watchkeeper.detection.sigma.condition import (
    AllOf,
    AnyOf,
    Atom,
    Condition,
    Negation,
    Network,
    Null,
    Number,
    Present,
    Regex,
    SameAs,
    Test,
    Text,
    TimePart,
)
from watchkeeper.detection.sigma.regex import search
from watchkeeper.detection.sigma.row import BETWEEN, Row
from watchkeeper.detection.sigma.text import fold, glob, shape
from watchkeeper.model.batch import Value

Holds = Callable[[Row], bool]


def compile_condition(condition: Condition) -> Holds:
    """Give the closure that says whether a row meets the condition.

    A field with several values meets a test if any of them does; a field the event lacks meets no test but `Null` and `Present(False)`.

    Raises:
        ValueError: a regular expression that no engine understands.
    """
    match condition:
        case Atom(field, test):
            return _keyword(test) if field is None else _atom(field, test)
        case Negation(child):
            inner = compile_condition(child)
            return lambda row: not inner(row)
        case AllOf(children):
            return _all([compile_condition(child) for child in _cheapest_first(children)])
        case AnyOf(children):
            return _any([*_alternatives(children)])


def matcher(test: Test) -> tuple[Callable[[str], bool], bool]:
    """Give the question a test asks of one value, and whether it is asked of the value folded.

    Raises:
        TypeError: the test asks about the field, not about one value of it.
    """
    match test:
        case Text():
            return _text(test), not test.cased
        case Regex():
            return search(test), False
        case Network(cidr):
            return values.within(values.network(cidr)), False
        case Number(operator, number):
            return partial(_number_holds, values.COMPARE[operator], number), False
        case TimePart(part, operator, number):
            return partial(_part_holds, part, values.COMPARE[operator], number), False
        case _:
            raise TypeError(f"{test!r} is not a test of one value")


def pair_matcher(test: SameAs) -> Callable[[str, str], bool]:
    """Give the question whether a value relates to another field's value as the test asks."""
    match test.starts, test.ends:
        case True, True:
            return lambda value, other: other in value
        case True, False:
            return str.startswith
        case False, True:
            return str.endswith
        case _:
            return str.__eq__


def _text(text: Text) -> Callable[[str], bool]:
    name, literal = shape(text)
    match name:
        case "equals":
            return literal.__eq__
        case "starts":
            return lambda value: value.startswith(literal)
        case "ends":
            return lambda value: value.endswith(literal)
        case "contains":
            return lambda value: literal in value
        case "any":
            return lambda _: True
        case _:
            return glob(text)


def _number_holds(compare: Callable[[float, float], bool], wanted: float, text: str) -> bool:
    found = values.number(text)
    return found is not None and compare(found, wanted)


def _part_holds(part: values.Part, compare: Callable[[float, float], bool], wanted: float, text: str) -> bool:
    found = values.time_part(text, part)
    return found is not None and compare(found, wanted)


def _atom(field: str, test: Test) -> Holds:
    match test:
        case Null():
            return lambda row: not _has_value(row.written.get(field))
        case Present(expected):
            return lambda row: (field in row.written) is expected
        case SameAs():
            return _same(field, test)
        case _:
            question, folded = matcher(test)
            return _on_folded(field, question) if folded else _on_written(field, question)


def _has_value(value: Value | None) -> bool:
    return value is not None and (isinstance(value, str) or len(value) > 0)


def _on_folded(field: str, question: Callable[[str], bool]) -> Holds:
    def holds(row: Row) -> bool:
        value = row.folded.get(field)
        if isinstance(value, str):
            return question(value)
        return value is not None and any(question(one) for one in value)

    return holds


def _on_written(field: str, question: Callable[[str], bool]) -> Holds:
    def holds(row: Row) -> bool:
        value = row.written.get(field)
        if isinstance(value, str):
            return question(value)
        return value is not None and any(question(one) for one in value)

    return holds


def _same(field: str, test: SameAs) -> Holds:
    question = pair_matcher(test)

    def holds(row: Row) -> bool:
        fields = row.written if test.cased else row.folded
        others = _several(fields.get(test.field))
        return any(question(value, other) for value in _several(fields.get(field)) for other in others)

    return holds


def _several(value: Value | None) -> Sequence[str]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else value


def _keyword(test: Test) -> Holds:
    literal = _plain_keyword(test)
    if literal is not None:
        return lambda row: literal in row.everything
    question, folded = matcher(test)
    if folded:
        return lambda row: any(question(fold(value)) for _, value in row.values())
    return lambda row: any(question(value) for _, value in row.values())


def _plain_keyword(test: Test) -> str | None:
    """Give the literal of a keyword that can be looked for in all values at once: it must not reach from one into the next."""
    match test:
        case Text(cased=False) if shape(test)[0] == "contains" and BETWEEN not in shape(test)[1]:
            return shape(test)[1]
        case _:
            return None


def _all(parts: list[Holds]) -> Holds:
    def holds(row: Row) -> bool:
        for part in parts:  # noqa: SIM110 - a plain loop is twice as fast as `all` over a generator, and this runs for every rule and event
            if not part(row):
                return False
        return True

    return holds


def _any(parts: list[Holds]) -> Holds:
    if len(parts) == 1:
        return parts[0]

    def holds(row: Row) -> bool:
        for part in parts:  # noqa: SIM110 - see above
            if part(row):
                return True
        return False

    return holds


def _alternatives(children: Sequence[Condition]) -> list[Holds]:
    """Compile the children of an `AnyOf`, those that look for simple texts in one field as one test over all of them."""
    groups: dict[tuple[str, bool, str], list[str]] = {}
    rest: list[Condition] = []
    for child in _flat(children):
        kind = _simple(child)
        if kind is None:
            rest.append(child)
        else:
            groups.setdefault(kind[:3], []).append(kind[3])
    grouped = [
        _on_written(field, _one_of(name, literals)) if cased else _on_folded(field, _one_of(name, literals))
        for (field, cased, name), literals in groups.items()
    ]
    return grouped + [compile_condition(child) for child in _cheapest_first(rest)]


def _flat(children: Sequence[Condition]) -> list[Condition]:
    return [one for child in children for one in (_flat(child.children) if isinstance(child, AnyOf) else [child])]


def _simple(child: Condition) -> tuple[str, bool, str, str] | None:
    match child:
        case Atom(str(field), Text() as text):
            name, literal = shape(text)
            return None if name in {"glob", "any"} else (field, text.cased, name, literal)
        case _:
            return None


def _one_of(name: str, literals: list[str]) -> Callable[[str], bool]:
    match name, tuple(literals):
        case "equals", several:
            return frozenset(several).__contains__
        case "starts", several:
            return lambda value: value.startswith(several)
        case "ends", several:
            return lambda value: value.endswith(several)
        case _, (only,):
            return lambda value: only in value
        case _, several:
            return lambda value: any(map(value.__contains__, several))


def _cheapest_first(children: Sequence[Condition]) -> list[Condition]:
    """Order children by what they cost; the order changes no result, for conditions have no effects."""
    return sorted(children, key=_cost)


def _cost(condition: Condition) -> int:
    match condition:
        case Atom(None, _):
            return 1_000
        case Atom(_, Text() as text):
            return {"equals": 1, "starts": 1, "ends": 1, "contains": 2}.get(shape(text)[0], 20)
        case Atom(_, Regex()):
            return 200
        case Atom():
            return 20
        case Negation(child):
            return _cost(child) + 1
        case AllOf(children) | AnyOf(children):
            return 2 + sum(map(_cost, children))

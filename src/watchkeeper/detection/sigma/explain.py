"""Explaining a match: which fields made a rule fire. Owns the walk over the condition; evaluating stands in `reference`."""

from collections.abc import Callable, Iterator, Sequence

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation, Null, Present, SameAs, Test
from watchkeeper.detection.sigma.reference import Holds, compile_condition, matcher, pair_matcher
from watchkeeper.detection.sigma.row import Row
from watchkeeper.detection.sigma.text import fold

Witnesses = Callable[[Row], Iterator[tuple[str, str]]]
"""From a row that meets the condition to the fields and values that show it."""


def witnesses(condition: Condition) -> Witnesses:
    """Give the function that yields field and value of each positive atom that holds in a row, in the rule's order.

    What a rule excludes proves nothing. A field with several values gives the first that holds; a field that is absent on purpose gives the
    empty value; for a keyword it is the field the keyword stands in.
    """
    match condition:
        case Negation():
            return lambda _: iter(())
        case AllOf(children):
            return _each([(None, witnesses(child)) for child in children])
        case AnyOf(children):
            return _each([(compile_condition(child), witnesses(child)) for child in children])
        case Atom(field, test):
            return _atom(field, test)


def _each(parts: Sequence[tuple[Holds | None, Witnesses]]) -> Witnesses:
    def found(row: Row) -> Iterator[tuple[str, str]]:
        for holds, within in parts:
            if holds is None or holds(row):
                yield from within(row)

    return found


def _atom(field: str | None, test: Test) -> Witnesses:
    match test:
        case Null() | Present(expected=False):
            return lambda _: iter(((field or "", ""),))
        case Present():
            return lambda row: iter(((field or "", next(iter(_values(field, row)), ("", "", ""))[1]),))
        case SameAs():
            return _same(field or "", test)
        case _:
            return _first(field, *matcher(test))


def _first(field: str | None, question: Callable[[str], bool], folded: bool) -> Witnesses:  # noqa: FBT001 - as `matcher` gives it
    def found(row: Row) -> Iterator[tuple[str, str]]:
        for name, written, lower in _values(field, row):
            if question(lower if folded else written):
                yield name if field is None else field, written
                return

    return found


def _same(field: str, test: SameAs) -> Witnesses:
    question = pair_matcher(test)

    def found(row: Row) -> Iterator[tuple[str, str]]:
        for _, written, folded in _values(field, row):
            for _, other_written, other_folded in _values(test.field, row):
                if question(written, other_written) if test.cased else question(folded, other_folded):
                    yield field, written
                    yield test.field, other_written
                    return

    return found


def _values(field: str | None, row: Row) -> Iterator[tuple[str, str, str]]:
    if field is None:
        yield from ((name, value, fold(value)) for name, value in row.values())
        return
    written, folded = row.written.get(field), row.folded.get(field)
    if isinstance(written, str):
        yield field, written, str(folded)
    elif written is not None and folded is not None:
        for one, one_folded in zip(written, folded, strict=True):
            yield field, one, one_folded

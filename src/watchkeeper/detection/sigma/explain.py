"""Explaining a match: which fields made a rule fire. Owns the walk over the condition; evaluating stands in `reference`."""

from collections.abc import Iterator

from watchkeeper.detection.sigma.condition import AllOf, AnyOf, Atom, Condition, Negation, Null, Present, SameAs, Test
from watchkeeper.detection.sigma.reference import compile_condition, matcher, pair_matcher
from watchkeeper.detection.sigma.row import Row
from watchkeeper.detection.sigma.text import fold


def witnesses(condition: Condition, row: Row) -> Iterator[tuple[str, str]]:
    """Yield field and value of each positive atom that holds in the row, in the rule's order; what a rule excludes proves nothing.

    A field with several values gives the first that holds; a field that is absent on purpose gives the empty value; for a keyword it is the
    field the keyword stands in. Call it only for a row that meets the condition.
    """
    match condition:
        case Negation():
            return
        case AllOf(children):
            for child in children:
                yield from witnesses(child, row)
        case AnyOf(children):
            for child in children:
                if compile_condition(child)(row):
                    yield from witnesses(child, row)
        case Atom(field, test):
            yield from _atom(field, test, row)


def _atom(field: str | None, test: Test, row: Row) -> Iterator[tuple[str, str]]:
    match test:
        case Null() | Present(expected=False):
            yield field or "", ""
        case Present():
            yield field or "", next(iter(_values(field, row)), ("", "", ""))[1]
        case SameAs():
            yield from _same(field or "", test, row)
        case _:
            question, folded = matcher(test)
            for name, written, lower in _values(field, row):
                if question(lower if folded else written):
                    yield name if field is None else field, written
                    return


def _same(field: str, test: SameAs, row: Row) -> Iterator[tuple[str, str]]:
    question = pair_matcher(test)
    for _, written, folded in _values(field, row):
        for _, other_written, other_folded in _values(test.field, row):
            if question(written, other_written) if test.cased else question(folded, other_folded):
                yield field, written
                yield test.field, other_written
                return


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

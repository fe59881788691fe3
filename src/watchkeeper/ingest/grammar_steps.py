"""The steps of a grammar as functions. Owns running them over one message; choosing the grammar stands in `grammars`."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain, repeat
from typing import NamedTuple

from watchkeeper.ingest.flatten import flatten
from watchkeeper.ingest.grammar import Alternative, Columns, Step
from watchkeeper.ingest.jsonstream import Record, decode_text
from watchkeeper.ingest.linear import Pattern, PatternSet
from watchkeeper.ingest.pairs import Cut, cef, leef, pairs
from watchkeeper.model.batch import Value

MAX_FIELDS = 1_024
"""Fields that one message may have; the rest is left out and counted in `fields_left_out`, and stands in the message all the same."""
Does = Callable[[dict[str, Value]], str]
"""Adds fields to those there are and gives the event type, or an empty text."""
_ONE_BY_ONE = 4
"""So few patterns are faster tried one after another than found by a set."""
_LABEL = re.compile(r"\(\d{1,2}\)")
_WORDS = re.compile(r"\^(?:([\w /-]+)|\(\?:([\w /|-]+)\))\$")
"""A pattern that only lists words; looking one up is faster than matching."""
_PLACE = re.compile(r"\{([^{}]+)\}")


def compiled(step: Step, names: Mapping[str, str]) -> Does:
    """Give the function of a step that has been checked; `names` gives a field's name where it is not its group's."""
    if step.patterns:
        words = [_words(one) for one in step.patterns]
        if all(words):
            pairs_of = ((word, one) for several, one in zip(words, step.patterns, strict=True) for word in several)
            return partial(_by_word, step.of, _firsts(pairs_of))
        alternatives = [_Alternative(Pattern(one.match, names), one.event_type, one.fields) for one in step.patterns]
        if len(alternatives) <= _ONE_BY_ONE:
            return partial(_one_by_one, step.of, alternatives)
        return partial(_by_patterns, step.of, PatternSet([one.match for one in step.patterns]), alternatives)
    if step.columns is not None:
        return partial(_by_columns, step.of, step.columns)
    if step.copy:
        return partial(_copied, [(name, tuple(fields)) for name, fields in step.copy.items()])
    return partial(_by_cutting, step.of, _cut(step))


def temporary(steps: Sequence[Step]) -> frozenset[str]:
    """Name the groups and copies that are for later steps only."""
    patterns = chain.from_iterable(step.patterns for step in steps)
    names = chain((name for one in patterns for name in Pattern(one.match).names), *(step.copy for step in steps))
    return frozenset(name for name in names if name.startswith("_"))


def template(text: str) -> Callable[[Mapping[str, Value]], str]:
    """Give the function that fills names of fields in braces; it gives an empty text where one of them is missing or has several values."""
    names = _PLACE.findall(text)
    if len(names) == 1 and text == f"{{{names[0]}}}":
        return partial(_only, names[0])
    return partial(_filled, "%s".join(part.replace("%", "%%") for part in _PLACE.split(text)[::2]), names)


def _only(name: str, fields: Mapping[str, Value]) -> str:
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def _filled(text: str, names: Sequence[str], fields: Mapping[str, Value]) -> str:
    values = tuple(fields.get(name, "") for name in names)
    return text % values if all(isinstance(value, str) and value for value in values) else ""


class _Alternative(NamedTuple):
    pattern: Pattern
    event_type: str
    constants: Mapping[str, str]

    def read(self, text: str, fields: dict[str, Value]) -> bool:
        found = self.pattern.groups(text)
        if found is None:
            return False
        if self.constants:
            fields.update(self.constants)
        fields.update(found)
        return True


def _words(one: Alternative) -> list[str]:
    """Give the words of which the text must be one, if that is all the pattern says."""
    found = _WORDS.fullmatch(one.match)
    return [] if found is None else (found[1] or found[2]).split("|")


def _firsts(found: Iterable[tuple[str, Alternative]]) -> Mapping[str, Alternative]:
    kept: dict[str, Alternative] = {}
    for word, one in found:
        kept.setdefault(word, one)
    return kept


def _by_word(of: str, words: Mapping[str, Alternative], fields: dict[str, Value]) -> str:
    text = fields.get(of)
    found = words.get(text) if isinstance(text, str) else None
    if found is None:
        return ""
    fields.update(found.fields)
    return found.event_type


def _one_by_one(of: str, alternatives: Sequence[_Alternative], fields: dict[str, Value]) -> str:
    text = fields.get(of)
    if isinstance(text, str):
        for one in alternatives:
            if one.read(text, fields):
                return one.event_type
    return ""


def _by_patterns(of: str, choice: PatternSet, alternatives: Sequence[_Alternative], fields: dict[str, Value]) -> str:
    text = fields.get(of)
    if not isinstance(text, str):
        return ""
    at = choice.first(text)
    if at < 0:
        return ""
    found = alternatives[at]
    found.read(text, fields)
    return found.event_type


def _copied(wanted: Sequence[tuple[str, Sequence[str]]], fields: dict[str, Value]) -> str:
    for name, given in wanted:
        value = next((fields[one] for one in given if fields.get(one)), "")
        if value:
            fields[name] = value if isinstance(value, str) else value[0]
    return ""


def _by_columns(of: str, columns: Columns, fields: dict[str, Value]) -> str:
    text = fields.get(of)
    if not isinstance(text, str):
        return ""
    values = _row(text, columns.separator)
    kind = values[columns.type_column - 1] if 0 < columns.type_column <= len(values) else ""
    names = columns.types.get(kind)
    unnamed = chain(names or columns.names, repeat(""))
    found = {name or f"column_{at}": value for at, (name, value) in enumerate(zip(unnamed, values, strict=False), 1) if name != "_"}
    _put(fields, found)
    return kind if names else ""


def _row(text: str, separator: str) -> list[str]:
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, skipinitialspace=True))
    except (csv.Error, StopIteration):  # a value that is too long for that module, or a stray line end
        return text.split(separator)


def _cut(step: Step) -> Cut:
    if step.pairs is not None:
        cut = pairs(step.pairs.separator, step.pairs.equals, until_key=step.pairs.unquoted == "until_key")
        return partial(_first, cut) if step.pairs.repeated == "first" else cut
    given = ((step.cef, cef), (step.leef, leef), (step.labels, _labels))
    return next((cut for asked, cut in given if asked is not None), _json)


def _first(cut: Cut, text: str) -> dict[str, Value]:
    return {name: value[0] if isinstance(value, list) else value for name, value in cut(text).items()}


def _labels(text: str) -> dict[str, Value]:
    name = _LABEL.sub(".", text).strip(". ")
    return {"query": name} if name else {}


def _json(text: str) -> dict[str, Value]:
    at = text.find("{")
    record = decode_text(text[at:].rstrip()) if at >= 0 else None
    return flatten(record.value) if isinstance(record, Record) else {}


def _by_cutting(of: str, cut: Cut, fields: dict[str, Value]) -> str:
    text = fields.get(of)
    if isinstance(text, str):
        try:
            _put(fields, cut(text))
        except ValueError:  # more fields than any record has
            fields["fields_left_out"] = "all"
    return ""


def _put(fields: dict[str, Value], found: Mapping[str, Value]) -> None:
    """Add fields whose names the line chose: `message` stays ours, and no line has fields without bound."""
    if "message" in found:
        found = {"message_" if name == "message" else name: value for name, value in found.items()}
    if len(found) > MAX_FIELDS:
        fields["fields_left_out"] = str(len(found) - MAX_FIELDS)
        found = dict(list(found.items())[:MAX_FIELDS])
    fields.update(found)

"""Gates: values of which an event must have one before a rule is worth asking. Owns finding them and looking events up by them.

They change no result: an event without any of a rule's keys cannot meet the rule.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from watchkeeper.detection.sigma.condition import Atom, Condition, Text, needed
from watchkeeper.detection.sigma.row import Row
from watchkeeper.detection.sigma.text import fold, shape


class Key(NamedTuple):
    """A value that a field must have, or what must stand in it after the last backslash; folded."""

    field: str
    last: bool
    """Whether only what follows the last backslash is compared."""
    text: str


def gate(condition: Condition) -> frozenset[Key] | None:
    """Give keys of which every event that meets the condition has at least one; none if that cannot be said."""
    return needed(condition, _of_atom)


def _of_atom(atom: Atom) -> frozenset[Key] | None:
    return _of_text(atom.field, atom.test) if atom.field is not None and isinstance(atom.test, Text) else None


def _of_text(field: str, text: Text) -> frozenset[Key] | None:
    name, literal = shape(text)
    if name == "equals":
        return frozenset({Key(field, last=False, text=fold(literal))})
    if name == "ends" and "\\" in literal:
        return frozenset({Key(field, last=True, text=fold(_last(literal)))})
    return None


def _last(path: str) -> str:
    return path.rpartition("\\")[2]


class Index:
    """Rows of a batch by key; each field is looked through once, when it is first asked for."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take the rows; nothing is looked at yet."""
        self._rows = rows
        self._known: dict[tuple[str, bool], dict[str, list[int]]] = {}

    def rows(self, keys: frozenset[Key] | None) -> Iterable[int]:
        """Give the places of the rows that have one of the keys, in order; all rows if no keys are given."""
        if keys is None:
            return range(len(self._rows))
        found = [places for field, last, text in keys if (places := self._places(field, last=last).get(text))]
        return found[0] if len(found) == 1 else sorted(set[int]().union(*found))

    def _places(self, field: str, *, last: bool) -> dict[str, list[int]]:
        known = self._known.get((field, last))
        if known is None:
            known = self._known[field, last] = {}
            for place, row in enumerate(self._rows):
                value = row.folded.get(field)
                for text in {value} if isinstance(value, str) else set(value or ()):
                    known.setdefault(_last(text) if last else text, []).append(place)
        return known

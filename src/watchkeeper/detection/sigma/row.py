"""Row: one event as conditions look at it. Owns the folded copies of its values; where the values come from is the caller's."""

from collections.abc import Collection, Iterator, Mapping

from watchkeeper.detection.sigma.text import fold
from watchkeeper.model.batch import Value

BETWEEN = "\x00"
"""Stands between the values of `Row.everything`."""


class Row:
    """One event's fields as written and folded, plus derived ones, which keywords do not look at."""

    __slots__ = ("_everything", "folded", "native", "written")

    def __init__(
        self, native: Mapping[str, Value], derived: Mapping[str, Value] | None = None, wanted: Collection[str] | None = None
    ) -> None:
        """Take native fields by native name, fields made from them, and which fields will be looked at folded; none means all."""
        self.native = native
        """Fields the event itself has."""
        self.written: Mapping[str, Value] = {**native, **derived} if derived else native
        """Values as the event has them."""
        names = self.written if wanted is None else wanted
        self.folded: Mapping[str, Value] = {name: _folded(value) for name in names if (value := self.written.get(name)) is not None}
        """The wanted ones without regard to case."""
        self._everything: str | None = None

    @property
    def everything(self) -> str:
        """All native values in one text, folded."""
        if self._everything is None:
            self._everything = fold(BETWEEN.join(value for _, value in self.values()))
        return self._everything

    def values(self) -> Iterator[tuple[str, str]]:
        """Yield each native value once with its field; a list gives several."""
        for name, value in self.native.items():
            if isinstance(value, str):
                yield name, value
            else:
                for one in value:
                    yield name, one


def _folded(value: Value) -> Value:
    return fold(value) if isinstance(value, str) else [fold(one) for one in value]

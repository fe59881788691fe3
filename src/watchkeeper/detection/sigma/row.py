"""Row: one event as conditions look at it. Owns the folded copy of its values; where the values come from is the caller's."""

from collections.abc import Iterator, Mapping

from watchkeeper.detection.sigma.text import fold
from watchkeeper.model.batch import Value


class Row:
    """One event's fields as written and folded, plus the derived ones that keywords do not look at."""

    __slots__ = ("folded", "native_fields", "written")

    def __init__(self, native: Mapping[str, Value], derived: Mapping[str, Value] | None = None) -> None:
        """Take native fields by native name, and fields made from them for rules of another dialect."""
        self.native_fields = native
        """Fields the event itself has."""
        self.written: Mapping[str, Value] = {**native, **derived} if derived else native
        """Values as the event has them."""
        self.folded: Mapping[str, Value] = {name: _folded(value) for name, value in self.written.items()}
        """The same values without regard to case."""

    def native(self) -> Iterator[tuple[str, str, str]]:
        """Yield each native value once: field, as written, folded; a list gives several."""
        for name, value in self.native_fields.items():
            folded = self.folded[name]
            if isinstance(value, str):
                yield name, value, str(folded)
            else:
                for one, one_folded in zip(value, folded, strict=True):
                    yield name, one, one_folded


def _folded(value: Value) -> Value:
    return fold(value) if isinstance(value, str) else [fold(one) for one in value]

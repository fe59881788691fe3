"""What one rule file comes to, in our nouns. Owns the shape, which is kept between runs; translating stands in `translate`."""

from dataclasses import dataclass
from dataclasses import replace as replaced

from msgspec import Struct
from msgspec.structs import replace

from watchkeeper.detection.sigma.filters import Filter
from watchkeeper.detection.sigma.rule import Correlation, Rule


@dataclass(frozen=True, slots=True)
class Asked:
    """A correlation as its author wrote it: the rules it counts are not looked for yet."""

    name: str
    """What it is called when it is spoken of."""
    place: str
    """Its name, file and line, as a problem with what it counts begins."""
    silenced: tuple[str, ...]
    """Ids and names of rules that it counts and that give no signals by themselves."""
    correlation: Correlation | None
    """None if it cannot run."""


class Translated(Struct, frozen=True, array_like=True, gc=False):
    """What one rule file comes to, by itself: nothing in it depends on other files."""

    problems: tuple[str, ...] = ()
    """What cannot run or runs with reserve, one sentence each."""
    others: int = 0
    """Documents that are not about rules."""
    rules: tuple[Rule, ...] = ()
    filters: tuple[Filter, ...] = ()
    correlations: tuple[Asked, ...] = ()


def is_movable(content: Translated) -> bool:
    """Say whether only the paths of rules and filters tell where the file stands; sentences tell it too."""
    return not content.problems and not content.correlations


def moved(content: Translated, path: str) -> Translated:
    """Give what a movable file comes to when it stands elsewhere under the same name."""
    rules = tuple(replaced(rule, path=path) for rule in content.rules)
    return replace(content, rules=rules, filters=tuple(replaced(one, path=path) for one in content.filters))

"""What may come next: the techniques of later stages that most of ATT&CK's campaigns and groups use. Owns counting them.

They are ranked by how common they are altogether. Ranking them by those that share techniques with the incident was measured and finds no
more of what campaigns did next (bench/attribution.py); so that count is told beside the other, and orders nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from watchkeeper.attack import TACTICS, Catalogue, current_id, technique
from watchkeeper.model.outlook import Following, NextStep, Telemetry

MOST_STEPS = 5
_FEWEST_ALIKE = 20
"""Of so many at least it is told what those do that share techniques; the more they must share, the fewer there are."""
_PLACE = {name: place for place, name in enumerate(TACTICS)}


@dataclass(frozen=True, slots=True)
class Watching:
    """What the loaded rules do about a technique."""

    rules: int
    """How many are for it, its parent or its sub-techniques."""
    telemetry: tuple[Telemetry, ...]
    """The logs they read, those of this record first."""


Watched = Callable[[str], Watching]


def users_of(catalogue: Catalogue) -> tuple[frozenset[str], ...]:
    """Give the techniques, by today's ids, of each campaign and group that uses any."""
    everybody = (*catalogue.campaigns, *catalogue.groups)
    return tuple(frozenset(map(current_id, one.techniques)) for one in everybody if one.techniques)


def following(catalogue: Catalogue, techniques: Sequence[str], after: str, watched: Watched) -> Following | None:
    """Give what may come after a tactic; none if nothing comes after it or nothing can be counted."""
    users = users_of(catalogue)
    counts = later(users, after, frozenset(techniques))
    if not counts or not techniques:
        return None
    shared, alike = sharing(users, frozenset(techniques))
    among = Counter(what for used in alike for what in used)
    steps = tuple(_step(key, after, counts[key], among[key], watched(key)) for key in ranked(counts)[:MOST_STEPS])
    return Following(steps=steps, of=len(users), alike=len(alike), shared=shared, after=after)


def later(users: Iterable[frozenset[str]], after: str, seen: frozenset[str]) -> Counter[str]:
    """Count the users of each technique that serves only tactics after that one and was not seen."""
    found = Counter(what for used in users for what in used - seen)
    return Counter({key: count for key, count in found.items() if _comes_after(key, after)})


def ranked(counts: Mapping[str, int]) -> list[str]:
    """Give the most common first."""
    return sorted(counts, key=lambda key: (-counts[key], key))


def sharing(users: Sequence[frozenset[str]], seen: frozenset[str]) -> tuple[int, list[frozenset[str]]]:
    """Give those that share the most techniques with what was seen, as long as they are enough, and how many they share at least."""
    for shared in range(len(seen), 0, -1):
        alike = [used for used in users if len(used & seen) >= shared]
        if len(alike) >= _FEWEST_ALIKE:
            return shared, alike
    return 0, []


def _comes_after(key: str, after: str) -> bool:
    known = technique(key)
    places = [_PLACE[name] for name in known.tactics if name in _PLACE] if known else []
    return bool(places) and min(places) > _PLACE[after]


def _step(key: str, after: str, used: int, alike: int, watching: Watching) -> NextStep:
    known = technique(key)
    return NextStep(
        technique=key,
        tactics=tuple(name for name in (known.tactics if known else ()) if _PLACE.get(name, -1) > _PLACE[after]),
        used=used,
        used_alike=alike,
        rules=watching.rules,
        telemetry=watching.telemetry,
    )

"""Comparison with ATT&CK's groups: how well each explains the techniques and tools seen. Owns the masses; it names nobody by itself.

"None of these" starts with half the mass and never falls below it: over campaigns, those of groups that are not in the table fit the others
as well as those of groups that are (bench/attribution.py), so techniques say nothing about which of the two it is. A technique that a group
is known for speaks for it by how few groups use it; one that it is not known for speaks little against it, since what is known of groups is
never whole. Log-likelihood ratios are tempered, since techniques come together, and no group gets more than low confidence.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from watchkeeper.attack import Catalogue, Known, current_id
from watchkeeper.model.note import Note
from watchkeeper.model.outlook import Candidate, Comparison, NamedSoftware, SharedTechnique

LOW = 0.10
"""The most that a group gets: low confidence."""
NONE = 0.5
"""What "none of these" starts with, and has at least."""
FEWEST = 3
"""With fewer techniques nothing is compared."""
OUTSTANDING = 8.0
"""A group is named from so many times the mass all start with: one name in ten was right then, on the half it was chosen on."""
_MOST = 5


@dataclass(frozen=True, slots=True)
class Weighing:
    """How much techniques count; chosen on one half of ATT&CK's campaigns by `bench/attribution.py choose`, which has others."""

    background: float = 3.0
    """How much of what a group does is taken to be as usual among groups, against 1 for what is known of it."""
    temper: float = 0.5
    """What log-likelihood ratios are multiplied with."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups with what they use, in today's ids."""

    known: tuple[Known, ...]
    uses: tuple[frozenset[str], ...]
    """Techniques and software of each."""
    users: Mapping[str, int]
    """How many groups use something."""


def groups_of(catalogue: Catalogue) -> Groups:
    """Give the groups of a catalogue of which any technique is known."""
    return make_groups([group for group in catalogue.groups if group.techniques])


def make_groups(known: Sequence[Known]) -> Groups:
    """Take groups; each counts once."""
    uses = tuple(frozenset((*map(current_id, group.techniques), *group.software)) for group in known)
    return Groups(tuple(known), uses, Counter(what for used in uses for what in used))


def masses(groups: Groups, seen: frozenset[str], weighing: Weighing = Weighing()) -> tuple[float, tuple[float, ...]]:
    """Give the mass of "none of these" and of each group, given techniques and software that were seen; together they are 1."""
    if not groups.known:
        return 1.0, ()
    start = log((1 - NONE) / len(groups.known))
    scores = [start + weighing.temper * _ratio(groups, used, seen, weighing.background) for used in groups.uses]
    highest = max(log(NONE), *scores)
    parts = [exp(score - highest) for score in scores]
    whole = exp(log(NONE) - highest) + sum(parts)
    named = [LOW * part / (LOW * whole + part) for part in parts]  # near the part where it is small, below LOW where it is not
    scale = min(1.0, (1 - NONE) / sum(named))
    named = [mass * scale for mass in named]
    return 1 - sum(named), tuple(named)


def _ratio(groups: Groups, used: frozenset[str], seen: frozenset[str], background: float) -> float:
    """Give the log-likelihood ratio of what was seen, of a group against groups in general."""
    usual = {what: (groups.users.get(what, 0) + 0.5) / (len(groups.known) + 1) for what in seen}
    return sum(log((background * share + (what in used)) / ((background + 1) * share)) for what, share in usual.items())


def compare(catalogue: Catalogue, techniques: Sequence[str], software: Mapping[str, str]) -> Comparison | None:
    """Compare with every group; `software` are ids with what names them. None if there are too few techniques or no groups."""
    groups = groups_of(catalogue)
    if len(techniques) < FEWEST or not groups.known:
        return None
    telling = {key: seen for key, seen in software.items() if groups.users.get(key)}
    none, named = masses(groups, frozenset((*techniques, *telling)))
    names = {one.id: one.name for one in catalogue.software}
    candidates = tuple(_candidate(groups, at, named[at], techniques, telling, names) for at in outstanding(groups, named))
    return Comparison(
        none_of_these=none,
        candidates=candidates,
        others=max(0.0, 1 - none - sum(one.mass for one in candidates)),
        groups=len(groups.known),
        why=_why(candidates, groups),
    )


def outstanding(groups: Groups, named: Sequence[float], times: float = OUTSTANDING) -> list[int]:
    """Give the places of the groups that are named, most mass first."""
    bar = times * (1 - NONE) / len(groups.known)
    order = sorted(range(len(named)), key=lambda at: (-named[at], groups.known[at].id))
    return [at for at in order if named[at] >= bar][:_MOST]


def _candidate(
    groups: Groups, at: int, mass: float, techniques: Sequence[str], software: Mapping[str, str], names: Mapping[str, str]
) -> Candidate:
    group, used, users = groups.known[at], groups.uses[at], groups.users
    return Candidate(
        id=group.id,
        name=group.name,
        aliases=group.aliases,
        mass=mass,
        techniques=tuple(
            SharedTechnique(technique=key, groups=users[key])
            for key in sorted(techniques, key=lambda key: (users.get(key, 0), key))
            if key in used
        ),
        software=tuple(
            NamedSoftware(id=key, name=names[key], seen=software[key], groups=users[key])
            for key in sorted(software, key=lambda key: (users[key], key))
            if key in used
        ),
    )


def _why(candidates: Sequence[Candidate], groups: Groups) -> tuple[Note, ...]:
    if not candidates:
        return (Note(code="ahead.nobody", arguments={"groups": str(len(groups.known))}),)
    rarest = min((one.groups for who in candidates for one in (*who.techniques, *who.software)), default=0)
    return (Note(code="ahead.low", arguments={"rarest": str(rarest), "groups": str(len(groups.known)), "most": f"{LOW:.0%}"}),)

"""What comparing with ATT&CK's groups and telling likely next steps are worth, measured on ATT&CK's own campaigns.

Run: python bench/attribution.py [--data DATA] [--json OUT], or `python bench/attribution.py choose` for the half on which the weights
were chosen; DATA is the folder that holds `attack/` (default $WATCHKEEPER_DATA or ../shared/data).

Campaigns that ATT&CK attributes to groups are split in two by a hash of their ids. What is asked: given what a campaign used, where does
its group stand, and what is the mass of "none of these" when the group is taken out of the table? What a group is known for only from the
very reports of the campaign is taken out first, so that no report is compared with itself. An incident shows a part of a campaign, and more
that is not of it: so the whole, six techniques, and six with three of others are asked, drawn ten times by a seed.

Next steps: every campaign is cut after a tactic; given up to six techniques before, which of those after are among five that are named?
The campaign, its groups, and all campaigns of these are not counted from.
"""

import argparse
import hashlib
import json
import math
import os
import random
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from watchkeeper.assets.compressed import read_whole
from watchkeeper.attack import TACTICS, Catalogue, Known, current_id, technique
from watchkeeper.attack.stix import MOST_BYTES, read_bundle
from watchkeeper.tracing.outlook.comparison import NONE, OUTSTANDING, Groups, Weighing, make_groups, masses, outstanding
from watchkeeper.tracing.outlook.following import MOST_STEPS, later, ranked, sharing

DRAWS, SHOWN, STRAY = 10, 6, 3
CUTS = ("execution", "persistence", "credential-access", "discovery", "lateral-movement")
GRID = [Weighing(background, temper) for background in (3.0, 8.0, 20.0) for temper in (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)]
Reports = dict[str, set[str]]
Asked = tuple[Known, frozenset[str]]
"""A campaign and what of it is seen."""


@dataclass(frozen=True)
class World:
    """The catalogue, and which reports say what."""

    catalogue: Catalogue
    of: Reports
    """Reports about a campaign."""
    said: dict[tuple[str, str], set[str]]
    """Reports by which a group is known to use something."""


def world(bundle: Path) -> World:
    """Read the bundle twice: as the product does, and for its references."""
    content = read_whole(bundle, MOST_BYTES)
    objects: list[dict[str, Any]] = json.loads(content)["objects"]
    ids = {one["id"]: key for one in objects if (key := _external_id(one))}
    of: Reports = {ids[one["id"]]: _cited(one) for one in objects if one["type"] == "campaign" and one["id"] in ids}
    said: dict[tuple[str, str], set[str]] = {}
    for one in objects:
        ends = (ids.get(one.get("source_ref", ""), ""), ids.get(one.get("target_ref", ""), ""))
        if one["type"] == "relationship" and one["relationship_type"] == "uses" and all(ends):
            if ends[0] in of:
                of[ends[0]] |= _cited(one)
            said.setdefault(ends, set()).update(_cited(one))
    return World(read_bundle(content).catalogue, of, said)


def _external_id(one: dict[str, Any]) -> str:
    references = one.get("external_references", ())
    return next((ref["external_id"] for ref in references if ref.get("source_name") == "mitre-attack" and "external_id" in ref), "")


def _cited(one: dict[str, Any]) -> set[str]:
    return {ref["source_name"] for ref in one.get("external_references", ()) if ref.get("source_name") != "mitre-attack"}


def half(campaign: Known) -> int:
    """Give 0 for those on which weights are chosen, 1 for those that are reported."""
    return hashlib.sha256(campaign.id.encode()).digest()[-1] % 2


def attributed(given: World, which: int) -> list[Known]:
    """Give the campaigns of one half whose groups are in the table."""
    known = {group.id for group in given.catalogue.groups if group.techniques}
    return [one for one in given.catalogue.campaigns if half(one) == which and one.techniques and known.intersection(one.groups)]


def seen(given: World, campaign: Known, way: str) -> Iterator[frozenset[str]]:
    """Yield what may be seen of a campaign, in one way."""
    whole = sorted({current_id(key) for key in campaign.techniques})
    if way.startswith("whole"):
        yield frozenset((*whole, *(campaign.software if way.endswith("software") else ())))
        return
    others = sorted({row.id for row in given.catalogue.techniques} - set(whole))
    for draw in range(DRAWS):
        dice = random.Random(f"{campaign.id} {draw}")  # noqa: S311 - seeded, not secret
        part = dice.sample(whole, min(SHOWN, len(whole)))
        yield frozenset((*part, *(dice.sample(others, STRAY) if way.endswith("stray") else ())))


WAYS = ("whole", "six", "six and three stray", "whole and software")


def tables(given: World, campaign: Known) -> tuple[Groups, Groups]:
    """Give the groups without what only the campaign's own reports say, and the groups without the campaign's."""
    groups = [group for group in given.catalogue.groups if group.techniques]
    fair = [_fair(group, given, campaign) if group.id in campaign.groups else group for group in groups]
    return make_groups(fair), make_groups([group for group in groups if group.id not in campaign.groups])


def _fair(group: Known, given: World, campaign: Known) -> Known:
    def is_known_otherwise(what: str) -> bool:
        reports = given.said.get((group.id, what), set[str]())
        return not reports or bool(reports - given.of[campaign.id])

    return replace(
        group,
        techniques=tuple(filter(is_known_otherwise, group.techniques)),
        software=tuple(filter(is_known_otherwise, group.software)),
    )


@dataclass
class Found:
    """What was found for one question."""

    place: int
    """Of the right group, the first being 1."""
    right: float
    """Mass of the right group."""
    first: float
    """Mass of the first group, right or not."""
    none: float
    none_without: float
    """Mass of "none of these" when the right group is not in the table."""
    first_without: float
    """Mass of the first group then."""
    named: int
    """How many groups are named."""
    hit: bool
    """Whether the right one is among them."""
    named_without: int
    """How many are named when the right group is not in the table."""


def ask(given: World, campaigns: Sequence[Known], way: str, weighing: Weighing, times: float = OUTSTANDING) -> list[Found]:
    """Put every question of one way; a group is named from so many times what all start with."""
    found: list[Found] = []
    for campaign in campaigns:
        fair, without = tables(given, campaign)
        for what in seen(given, campaign, way):
            none, named = masses(fair, what, weighing)
            right = max(mass for group, mass in zip(fair.known, named, strict=True) if group.id in campaign.groups)
            left, others = masses(without, what, weighing)
            told = {fair.known[at].id for at in outstanding(fair, named, times)}
            found.append(
                Found(
                    place=1 + sum(mass > right for mass in named),
                    right=right,
                    first=max(named),
                    none=none,
                    none_without=left,
                    first_without=max(others),
                    named=len(told),
                    hit=not told.isdisjoint(campaign.groups),
                    named_without=len(outstanding(without, others, times)),
                )
            )
    return found


def loss(found: Sequence[Found]) -> float:
    """Give the mean log loss where the group is in the table as often as not."""
    return statistics.fmean(-0.5 * math.log(one.right) - 0.5 * math.log(one.none_without) for one in found)


def right_names(found: Sequence[Found]) -> float:
    """Give the share of the names told that are right."""
    return sum(one.hit for one in found) / max(1, sum(one.named for one in found))


def naive(
    given: World, campaigns: Sequence[Known], way: str, score: Callable[[frozenset[str], frozenset[str]], float]
) -> tuple[float, float]:
    """Give how often the group is first, and among the first five, by a plain score."""
    places: list[int] = []
    for campaign in campaigns:
        fair, _ = tables(given, campaign)
        for what in seen(given, campaign, way):
            scores = [score(what, used) for used in fair.uses]
            right = max(one for group, one in zip(fair.known, scores, strict=True) if group.id in campaign.groups)
            places.append(1 + sum(one > right for one in scores))
    return _share(place == 1 for place in places), _share(place <= 5 for place in places)


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """Give the share that two sets have in common."""
    return len(one & other) / max(1, len(one | other))


def _share(hits: Iterator[bool]) -> float:
    return statistics.fmean(float(hit) for hit in hits)


def compared(given: World, campaigns: Sequence[Known], way: str, weighing: Weighing) -> dict[str, float]:
    """Measure one way."""
    found = ask(given, campaigns, way, weighing)
    first, five = naive(given, campaigns, way, jaccard)
    groups = sum(bool(group.techniques) for group in given.catalogue.groups)
    return {
        "questions": len(found),
        "first": _share(one.place == 1 for one in found),
        "among five": _share(one.place <= 5 for one in found),
        "first by jaccard": first,
        "among five by jaccard": five,
        "among five by chance": 5 / groups,
        "log loss": loss(found),
        "log loss of saying nothing": -0.5 * math.log((1 - NONE) / groups) - 0.5 * math.log(NONE),
        "none of these, group in the table": statistics.fmean(one.none for one in found),
        "none of these, group left out": statistics.fmean(one.none_without for one in found),
        "none of these is first, group left out": _share(one.none_without > one.first_without for one in found),
        "highest mass of a group, left out": max(one.first_without for one in found),
        "mean mass of the first group": statistics.fmean((one.first + one.first_without) / 2 for one in found),
        "the first group is right, in the table as often as not": _share(one.place == 1 for one in found) / 2,
        "anybody is named, group in the table": _share(one.named > 0 for one in found),
        "anybody is named, group left out": _share(one.named_without > 0 for one in found),
        "the right group is among those named": _share(one.hit for one in found),
        "a name is right, group in the table": right_names(found),
    }


def cut(given: World, which: int) -> Iterator[tuple[Known, str, frozenset[str], frozenset[str]]]:
    """Yield campaigns with a tactic they are cut after, what is seen of what came before, and all that came after."""
    for campaign in given.catalogue.campaigns:
        for after in CUTS if half(campaign) == which else ():
            whole = sorted({current_id(key) for key in campaign.techniques})
            hidden = frozenset(later([frozenset(whole)], after, frozenset()))
            before = [key for key in whole if key not in hidden and technique(key)]
            if len(before) >= 3 and len(hidden) >= 2:
                dice = random.Random(campaign.id + after)  # noqa: S311 - seeded, not secret
                yield campaign, after, frozenset(dice.sample(before, min(SHOWN, len(before)))), hidden


def ahead(given: World, which: int) -> dict[str, float]:
    """Measure what of the later techniques is among those named: by how common they are, by who is alike, and by chance."""
    common: list[float] = []
    alike: list[float] = []
    chance: list[float] = []
    for campaign, after, what, hidden in cut(given, which):
        users = _others(given, campaign)
        counts = later(users, after, what)
        among = Counter(later(sharing(users, what)[1], after, what))
        order = {key: place for place, key in enumerate(ranked(counts))}
        common.append(_recall(ranked(counts), hidden))
        alike.append(_recall(sorted(counts, key=lambda key: (-among[key], order[key])), hidden))
        chance.append(MOST_STEPS * len(hidden) / len(counts) / min(MOST_STEPS, len(hidden)))
    gained = [one - other for one, other in zip(alike, common, strict=True)]
    return {
        "questions": len(common),
        "by how common": statistics.fmean(common),
        "by who is alike": statistics.fmean(alike),
        "difference": statistics.fmean(gained),
        "standard error of the difference": statistics.stdev(gained) / math.sqrt(len(gained)),
        "by chance": statistics.fmean(chance),
    }


def _others(given: World, campaign: Known) -> list[frozenset[str]]:
    kin = set(campaign.groups)
    campaigns = (one for one in given.catalogue.campaigns if one.id != campaign.id and kin.isdisjoint(one.groups))
    groups = (one for one in given.catalogue.groups if one.id not in kin)
    return [frozenset(map(current_id, one.techniques)) for one in (*campaigns, *groups) if one.techniques]


def _recall(named: Sequence[str], hidden: frozenset[str]) -> float:
    return len(hidden.intersection(named[:MOST_STEPS])) / min(MOST_STEPS, len(hidden))


def choose(given: World) -> None:
    """Print what every weighing does on the half for choosing; the least mean log loss of techniques alone is what ships.

    Of the bars from which a group is named, the lowest ships at which at least one name in ten is right in every way of techniques alone.
    """
    campaigns = attributed(given, 0)
    for weighing in GRID:
        losses = {way: loss(ask(given, campaigns, way, weighing)) for way in WAYS}
        alone = statistics.fmean(losses[way] for way in WAYS[:3])
        print(
            f"background {weighing.background:4.0f} temper {weighing.temper:.1f}: {alone:.3f}  "
            + "  ".join(f"{way} {one:.3f}" for way, one in losses.items())
        )
    for times in (3.0, 4.0, 6.0, 8.0, 10.0, 15.0):
        told = {way: ask(given, campaigns, way, Weighing(), times) for way in WAYS[:3]}
        print(
            f"named from {times:4.0f} times on, share of names that are right: "
            + "  ".join(f"{way} {right_names(one):.3f}" for way, one in told.items())
        )
    print("next steps:", {key: round(value, 3) for key, value in ahead(given, 0).items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("part", nargs="?", choices=("report", "choose"), default="report")
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("WATCHKEEPER_DATA", "../shared/data")))
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    given = world(asked.data / "attack" / "enterprise-attack.json.gz")
    if asked.part == "choose":
        choose(given)
        return
    campaigns = attributed(given, 1)
    print(f"{len(campaigns)} campaigns of the half that is reported, {sum(bool(one.techniques) for one in given.catalogue.groups)} groups")
    report: dict[str, object] = {"campaigns": len(campaigns), "tactics": len(TACTICS)}
    for way in WAYS:
        report[way] = result = compared(given, campaigns, way, Weighing())
        print(f"\n{way}: " + "".join(f"\n  {name}: {value:.3f}" for name, value in result.items()))
    report["next steps"] = steps = ahead(given, 1)
    print("\nnext steps, recall among five: " + "".join(f"\n  {name}: {value:.3f}" for name, value in steps.items()))
    if asked.json:
        asked.json.write_text(json.dumps(report, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""The exam of comparing: no report is compared with itself, halves do not meet, and what is hidden comes later."""

import os
from pathlib import Path

import pytest
from attribution import World, attributed, cut, half, jaccard, seen, tables, world

from watchkeeper.attack import technique


@pytest.fixture(scope="module")
def given(data: Path) -> World:
    return world(data / "attack" / "enterprise-attack.json.gz")


@pytest.fixture(scope="module")
def data() -> Path:
    path = Path(os.environ.get("WATCHKEEPER_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"no public data sets at {path}; set WATCHKEEPER_DATA to where they are")
    return path


def test_each_attributed_campaign_is_in_one_half(given: World) -> None:
    chosen, reported = ({one.id for one in attributed(given, which)} for which in (0, 1))
    assert (len(chosen), len(reported), chosen & reported) == (13, 8, set())
    assert {half(one) for one in given.catalogue.campaigns} == {0, 1}


def test_what_only_the_campaigns_reports_say_is_not_known_of_its_group(given: World) -> None:
    solarwinds = next(one for which in (0, 1) for one in attributed(given, which) if one.id == "C0024")
    fair, without = tables(given, solarwinds)
    before = next(group for group in given.catalogue.groups if group.id == "G0016")
    after = next(group for group in fair.known if group.id == "G0016")
    gone = set(before.techniques) - set(after.techniques)
    assert gone
    assert all(given.said[before.id, key] <= given.of[solarwinds.id] for key in gone)
    assert "G0016" not in {group.id for group in without.known}


def test_what_is_seen_is_of_the_campaign_but_for_three_strays(given: World) -> None:
    campaign = attributed(given, 1)[0]
    whole = next(seen(given, campaign, "whole"))
    assert all(part <= whole for part in seen(given, campaign, "six"))
    assert {len(part - whole) for part in seen(given, campaign, "six and three stray")} == {3}
    assert list(seen(given, campaign, "six")) == list(seen(given, campaign, "six"))


def test_what_is_hidden_comes_after_the_cut(given: World) -> None:
    for _, _, what, hidden in cut(given, 1):
        assert not what & hidden
        assert all(technique(key) for key in what | hidden)


def test_overlap() -> None:
    assert (jaccard(frozenset("ab"), frozenset("bc")), jaccard(frozenset(), frozenset())) == (pytest.approx(1 / 3), 0)

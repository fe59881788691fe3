"""Traits: fixed, finite, free of names and dates, and never lower for doing more."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.model.asset import Asset
from watchkeeper.model.fold import Fold
from watchkeeper.model.level import LEVELS
from watchkeeper.model.subject import Subject
from watchkeeper.triage.features import MOST_FOLDS, TRAITS, describe, trail
from watchkeeper.triage.seen import Seen

NOW = datetime(2025, 5, 5, 12, tzinfo=UTC)
FOLDS = st.builds(
    lambda rule, level, host, user, count, novelty, techniques: Fold(
        id=f"{rule}{host}{user}", session="s", rule=rule, title=rule, level=level, host=host, user=user, first=NOW, last=NOW, count=count,
        exemplars=(), techniques=techniques, novelty=novelty, why=(),
    ),
    st.sampled_from(["r1", "r2", "r3", "r4"]), st.sampled_from(LEVELS), st.sampled_from(["a", "b"]), st.sampled_from(["", "u", "v"]),
    st.integers(1, 10**6), st.floats(0, 20), st.sampled_from([(), ("T1003",), ("T1059", "T1021")]),
)  # fmt: skip


def _seen(folds: list[Fold], **changed: object) -> Seen:
    known = {
        "id": "s",
        "about": "session",
        "start": NOW,
        "score": 1.0,
        "tactics": (),
        "hosts": tuple(sorted({fold.host for fold in folds})),
    }
    techniques = tuple(sorted({name for fold in folds for name in fold.techniques}))
    return Seen(**{**known, "techniques": techniques, "folds": tuple(folds), **changed})  # pyright: ignore[reportArgumentType] -- a test's shorthand


def _describe(seen: Seen, **asset: object) -> Subject:
    return describe(seen, 0.0, lambda name: Asset.model_validate({"name": name, **asset}), lambda fold: fold.rule == "intel")


@given(st.lists(FOLDS, min_size=1, max_size=8), FOLDS)
def test_one_more_fold_lowers_no_trait(folds: list[Fold], more: Fold) -> None:
    before, after = _describe(_seen(folds)), _describe(_seen([*folds, more]))
    assert all(after.traits[trait.name] >= before.traits[trait.name] for trait in TRAITS)
    assert all(0 <= value < 100 for value in after.traits.values())


@given(st.lists(FOLDS, min_size=1, max_size=8))
def test_no_trait_knows_a_name_or_a_date(folds: list[Fold]) -> None:
    moved = [
        fold.model_copy(
            update={
                "rule": f"x{fold.rule}", "title": "other", "host": f"x{fold.host}", "user": fold.user and f"x{fold.user}",
                "first": NOW + timedelta(days=900), "last": NOW + timedelta(days=900),
            }
        )
        for fold in folds
    ]  # fmt: skip
    assert _describe(_seen(folds)).traits == _describe(_seen(moved, start=NOW + timedelta(days=900))).traits


def test_what_must_not_be_closed_is_barred() -> None:
    fold = Fold(
        id="f",
        session="s",
        rule="r",
        title="t",
        level="low",
        host="a",
        user="",
        first=None,
        last=None,
        count=1,
        exemplars=(),
        novelty=0,
        why=(),
    )
    assert _describe(_seen([fold])).barred == ()
    assert _describe(_seen([fold]), criticality=4).barred == ("critical-asset",)
    assert _describe(_seen([fold]), protected=True).barred == ("critical-asset",)
    assert _describe(_seen([fold.model_copy(update={"rule": "intel"})])).barred == ("intelligence",)
    assert _describe(_seen([fold] * (MOST_FOLDS + 1))).barred == ("too-large",)


def test_a_trail_is_the_rule_host_and_user_and_no_other() -> None:
    fold = Fold(
        id="f",
        session="s",
        rule="r",
        title="t",
        level="low",
        host="a",
        user="b",
        first=None,
        last=None,
        count=1,
        exemplars=(),
        novelty=0,
        why=(),
    )
    same = fold.model_copy(update={"count": 9, "level": "high", "session": "z"})
    assert trail(fold) == trail(same)
    assert (
        len(
            {
                trail(fold),
                *(
                    trail(fold.model_copy(update=change))
                    for change in ({"rule": "x"}, {"host": "x"}, {"user": "x"}, {"host": "ab", "user": ""})
                ),
            }
        )
        == 5
    )

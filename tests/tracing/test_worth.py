"""What is new and wins something is worth most; what is usual is worth nearly nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.tracing.worth import Step, gain, novelty, worth

NINE = datetime(2024, 3, 5, 9, tzinfo=UTC)
NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.builds(Step, NAMES, NAMES, NAMES, st.integers(0, 100).map(lambda hours: NINE - timedelta(hours=hours)), st.booleans())


def step(source: str = "ws1", target: str = "srv1", user: str = "eva", hours: float = 0, *, privileged: bool = False) -> Step:
    return Step(source, target, user, NINE + timedelta(hours=hours), privileged)


def test_never_seen_with_new_privileges_is_worth_most_and_everyday_nearly_nothing() -> None:
    assert worth(step(privileged=True), []) == 1.0
    assert worth(step(), [step(hours=-at) for at in range(1, 200)]) < 0.01


def test_what_came_minutes_before_is_the_same_doing_and_what_comes_after_does_not_count() -> None:
    assert worth(step(), [step(hours=-0.1), step(hours=2)]) == worth(step(), [])


def test_a_known_user_on_a_new_host_is_newer_than_on_the_old_one() -> None:
    usual = [step(hours=-at) for at in range(1, 9)]
    assert novelty(step(target="srv2"), usual) > novelty(step(source="ws2"), usual) > novelty(step(), usual)


def test_gain_counts_hosts_and_privileges_apart() -> None:
    before = [step(privileged=True, hours=-1)]
    assert [gain(one, before) for one in (step(privileged=True), step(target="srv2"), step(user="adm", privileged=True))] == [0, 0.5, 0.5]
    assert gain(step(target="srv2", user="adm", privileged=True), before) == 1.0


@given(STEPS, st.lists(STEPS, max_size=30))
def test_worth_lies_between_nothing_and_one_and_more_past_never_raises_it(one: Step, others: list[Step]) -> None:
    assert 0 <= worth(one, others) <= 1
    assert worth(one, [*others, one.__class__(one.source, one.target, one.user, one.time - timedelta(days=9), True)]) <= worth(one, others)


def test_a_step_is_not_its_own_past() -> None:
    assert worth(step(), [step()]) == pytest.approx(0.75)

"""The policy: read strictly, and the one that ships is careful."""

import copy
from typing import Any

import pytest
import yaml

from watchkeeper.brain.ethics.policy import FILE, checked_policy, read_policy, shipped
from watchkeeper.brain.ethics.weakening import weakened
from watchkeeper.content import text


def altered(*path: Any, value: Any) -> dict[str, Any]:
    policy = copy.deepcopy(yaml.safe_load(text(FILE)))
    at = policy
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return policy


def test_as_shipped_nothing_that_changes_state_starts_above_l2() -> None:
    policy = shipped()
    telling = {"notify", "open_ticket", "snapshot_evidence"}
    assert all(line.level <= "L2" or set(line.actions) <= telling for line in policy.levels)
    assert all(group.most == "L2" for group in policy.groups[:5])


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (altered("levles", value=[]), "levles: Extra inputs are not permitted"),
        (altered("kinds", value=1), "kinds: Input should be greater than or equal to 2"),
        (altered("kinds", value="2"), "kinds: Input should be a valid integer"),
        (altered("announce_hours", value=1), "announce_hours: Input should be greater"),
        (altered("approvals", "on_silence", value="do it"), "approvals.on_silence: Input should be 'nothing'"),
        (altered("radius", "L3", value=10**6), "`radius` may not fall"),
        (altered("confidence", "L3", value=float("nan")), "finite numbers only"),
        (altered("levels", 0, "groups", value=["nowhere"]), "the group 'nowhere', which is not there"),
        (altered("rates", "actions", value={}), "needs a line for `*`"),
    ],
)
def test_a_policy_that_is_wrong_says_where(policy: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=r"'x\.yml'") as error:
        checked_policy(policy, "x.yml")
    assert said in str(error.value)


def test_a_key_that_stands_there_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"'x\.yml', line 2: 'kinds' stands there twice"):
        read_policy("kinds: 3\nkinds: 2\n", "x.yml")


@pytest.mark.parametrize(
    ("policy", "parts"),
    [
        (altered("kinds", value=3), ()),
        (altered("never", value=["gw1"]), ()),
        (altered("groups", 7, "most", value="L5"), ("groups",)),
        (altered("groups", 5, "most", value="L3"), ()),
        (altered("levels", 1, "level", value="L3"), ("levels",)),
        (altered("rates", "actions", "isolate_host", value={"hour": 6, "day": 15}), ("rates",)),
        (altered("confidence", "L3", value=0.5), ("confidence",)),
        (altered("radius", "L3", value=4), ("radius",)),
        (altered("failed", "then", value="escalate"), ("failed",)),
        (altered("approvals", "hours", value=9), ("approvals",)),
    ],
)
def test_weaker_is_told_from_stricter(policy: dict[str, Any], parts: tuple[str, ...]) -> None:
    assert weakened(shipped(), checked_policy(policy, "x.yml")) == parts

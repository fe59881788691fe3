"""Lists in STIX: valid by the reference validator, in the order of change, and what left is revoked rather than silent."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from stix2validator import ValidationOptions, validate_instance

from watchkeeper.model.listed import Listed
from watchkeeper.response.list_stix import objects, told, whole

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def _entry(kind: str, value: str, key: str = "k", **otherwise: Any) -> Listed:
    return Listed.model_validate({"kind": kind, "value": value, "key": key, "added": NOON} | otherwise)


EVERY = (
    _entry("address", "203.0.113.9", expires=NOON + 9 * HOUR),
    _entry("address", "2001:db8::9"),
    _entry("domain", "evil.example", removed=NOON + HOUR),
    _entry("url", "https://evil.example/it's?a=b"),
    _entry("hash", "a" * 64),
    _entry("hash", "b" * 32, expires=NOON + HOUR),
)


def test_a_list_is_valid_stix_with_what_is_on_it_now() -> None:
    made = whole("block", EVERY, NOON + 2 * HOUR)
    assert validate_instance(made, ValidationOptions(version="2.1")).is_valid
    indicators = {one["name"]: one for one in made["objects"] if one["type"] == "indicator"}
    assert set(indicators) == {"203.0.113.9", "2001:db8::9", "https://evil.example/it's?a=b", "a" * 64}
    assert indicators["203.0.113.9"]["valid_until"] == "2026-11-26T21:00:00.000Z"
    assert indicators["https://evil.example/it's?a=b"]["pattern"] == r"[url:value = 'https://evil.example/it\'s?a=b']"


def test_what_left_is_told_as_a_revoked_newer_version() -> None:
    before, after = ({one.value: one for one in told("block", EVERY, now)} for now in (NOON, NOON + HOUR))
    for value in ("evil.example", "b" * 32):
        [old], [new] = objects("block", [before[value]]), objects("block", [after[value]])
        assert old["id"] == new["id"]
        assert (old["modified"] < new["modified"], old.get("revoked"), new["revoked"]) == (True, None, True)
        assert validate_instance(new, ValidationOptions(version="2.1")).is_valid


def test_a_value_of_two_actions_stays_until_both_are_over() -> None:
    both = (_entry("domain", "evil.example", "k1", removed=NOON + HOUR), _entry("domain", "evil.example", "k2", expires=NOON + 3 * HOUR))
    [now] = told("block", both, NOON + 2 * HOUR)
    assert (now.is_revoked, now.until) == (False, NOON + 3 * HOUR)
    [then] = told("block", both, NOON + 3 * HOUR)
    assert (then.is_revoked, then.changed) == (True, NOON + 3 * HOUR)


TIMES = st.integers(0, 20).map(lambda hours: NOON + hours * HOUR)


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("12"), TIMES, TIMES | st.none(), TIMES | st.none()), max_size=8), TIMES, TIMES
)
def test_who_fetches_what_is_new_ends_with_what_is_on_the_list(entries: list[tuple[Any, ...]], first: datetime, second: datetime) -> None:
    first, second = min(first, second), max(first, second)
    made = tuple(
        _entry("domain", f"{value}.example", key, added=added, expires=expires, removed=removed)
        for value, key, added, expires, removed in entries
        if all(left is None or left > added for left in (expires, removed))
    )
    held: dict[str, bool] = {}
    since = NOON - HOUR
    for now in (first, second):
        known = tuple(_as_of(one, now) for one in made if one.added <= now)
        for one in told("block", known, now):
            assert one.changed <= now
            if one.changed > since:
                held[one.value] = not one.is_revoked
        since = max((one.changed for one in told("block", known, now)), default=since)
    there = {one.value for one in made if one.added <= second and _as_of(one, second).is_on(second)}
    assert {value for value, is_on in held.items() if is_on} == there


def _as_of(one: Listed, now: datetime) -> Listed:
    return one if one.removed is None or one.removed <= now else one.model_copy(update={"removed": None})

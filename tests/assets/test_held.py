"""Which host held an address at a time, and when nobody can say."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.assets.held import SOURCES, Held

HOUR = 3600 * 1_000_000
NOON = 1_700_000_000 * 1_000_000


def held(*sightings: tuple[str, float, str], address: str = "10.0.0.7") -> Held:
    found = Held()
    for host, hours, source in sightings:
        found.note(address, host, NOON + round(hours * HOUR), source)  # type: ignore[arg-type] -- a source by its name
    return found


@pytest.mark.parametrize(
    ("hours", "host"),
    [
        (0.0, "ws1"),
        (0.9, "ws1"),  # nearest by far
        (5.0, None),  # between two hosts, near neither
        (9.9, "ws2"),
        (12.0, "ws2"),
        (10.0 + 25, None),  # too long after
        (-25.0, None),
    ],
)
def test_the_host_seen_nearest_held_the_address(hours: float, host: str | None) -> None:
    assert held(("ws1", 0.0, "own"), ("ws2", 10.0, "own")).host_of("10.0.0.7", NOON + round(hours * HOUR)) == host


def test_two_hosts_at_one_address_at_once_are_undecided() -> None:
    found = held(("ws1", 0.0, "own"), ("ws1", 0.5, "own"), ("ws2", 0.1, "own"), ("ws2", 0.6, "own"))
    assert found.host_of("10.0.0.7", NOON + HOUR // 5) is None


def test_the_host_itself_is_believed_before_a_logon_that_names_it() -> None:
    found = held(("dc1", 0.0, "logon"), ("ws1", 1.0, "own"))
    assert found.host_of("10.0.0.7", NOON) == "ws1"


def test_a_host_that_was_always_alone_there_is_found_for_a_week_and_without_a_time() -> None:
    found = held(("ws1", 0.0, "dhcp"))
    assert found.host_of("10.0.0.7", NOON + 100 * HOUR) == "ws1"
    assert found.host_of("10.0.0.7", NOON + 200 * HOUR) is None
    assert found.host_of("10.0.0.7", None) == "ws1"
    assert held(("ws1", 0.0, "dhcp"), ("ws2", 1.0, "dhcp")).host_of("10.0.0.7", None) is None
    assert found.host_of("10.0.0.8", NOON) is None


SIGHTINGS = st.lists(
    st.tuples(
        st.sampled_from(["10.0.0.1", "10.0.0.2"]),
        st.sampled_from(["a", "b", "c"]),
        st.integers(NOON, NOON + 9 * HOUR),
        st.sampled_from(SOURCES),
    ),
    max_size=30,
)


@given(seen=SIGHTINGS, most=st.integers(1, 12), seed=st.integers(0, 99))
def test_what_several_saw_in_any_order_is_what_one_saw(seen: list[tuple[str, str, int, str]], most: int, seed: int) -> None:
    one, several, mixed = Held(most), Held(most), list(seen)
    for address, host, time, source in seen:
        one.note(address, host, time, source)  # type: ignore[arg-type] -- a source by its name
    Random(seed).shuffle(mixed)
    for start in range(0, len(mixed), 5):
        part = Held(most)
        for address, host, time, source in mixed[start : start + 5]:
            part.note(address, host, time, source)  # type: ignore[arg-type] -- a source by its name
        spans, is_full = part.hand_over()
        several.take_over(spans, is_full=is_full)
    asked = [(address, time) for address, _, time, _ in seen] + [("10.0.0.1", None)]
    assert [one.host_of(*of) for of in asked] == [several.host_of(*of) for of in asked]
    assert sorted(one.hand_over()[0]) == sorted(several.hand_over()[0])

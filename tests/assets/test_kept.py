"""Keeping so many and no more, by chance and not by order."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.assets.kept import Kept

SAID = st.lists(st.tuples(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 3)), st.integers(0, 99)), max_size=60)


def test_what_comes_again_is_joined() -> None:
    kept: Kept[tuple[str], int] = Kept(2, max)
    for value in (3, 7, 5):
        kept.add(("a",), value)
    assert list(kept) == [(("a",), 7)]
    assert not kept.is_full


def test_beyond_the_most_it_says_so_and_keeps_the_most() -> None:
    kept: Kept[tuple[int], None] = Kept(100, lambda one, _: one)
    for number in range(20_000):
        kept.add((number,), None)
    assert (len(list(kept)), kept.is_full) == (100, True)
    assert kept.hand_over()[1]
    assert (list(kept), kept.is_full) == ([], False)


@given(said=SAID, most=st.integers(1, 20), size=st.integers(1, 9), seed=st.integers(0, 99))
def test_what_several_kept_in_any_order_is_what_one_kept(said: list[tuple[tuple[str, int], int]], most: int, size: int, seed: int) -> None:
    one: Kept[tuple[str, int], int] = Kept(most, max)
    several: Kept[tuple[str, int], int] = Kept(most, max)
    for key, value in said:
        one.add(key, value)
    mixed = list(said)
    Random(seed).shuffle(mixed)
    for start in range(0, len(mixed), size):
        part: Kept[tuple[str, int], int] = Kept(most, max)
        for key, value in mixed[start : start + size]:
            part.add(key, value)
        held, is_full = part.hand_over()
        several.take_over(held, is_full=is_full)
    assert sorted(one) == sorted(several)
    assert one.is_full == several.is_full

"""No line of a chain can be changed, taken out, put in or moved without being found."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.bundle.custody import FIRST, appended, deeds, head

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def chain(lines: int) -> bytes:
    made = b""
    for number in range(lines):
        made = appended(made, NOW + timedelta(hours=number), (f"person {number}", "lab1", "0.1.0"), "packed", {"events": str(number)})
    return made


def test_lines_follow_each_other() -> None:
    lines = deeds(chain(3))
    assert [(deed.number, deed.who) for deed in lines] == [(1, "person 0"), (2, "person 1"), (3, "person 2")]
    assert lines[0].previous == FIRST == head(b"")
    assert chain(3).startswith(chain(2))
    assert lines[2].previous == head(chain(2))


@pytest.mark.parametrize("damaged", [[1, 0, 2], [0, 2], [1, 2], [0, 0, 1, 2]])
def test_lines_that_are_moved_or_missing_are_found(damaged: list[int]) -> None:
    lines = chain(3).splitlines(keepends=True)
    with pytest.raises(ValueError, match="does not follow from the line before"):
        deeds(b"".join(lines[at] for at in damaged))


@given(place=st.integers(0, len(chain(3)) - 1), mask=st.integers(1, 255))
def test_a_changed_byte_is_found_or_is_in_the_last_line_that_the_head_covers(place: int, mask: int) -> None:
    whole = chain(3)
    changed = whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :]
    try:
        deeds(changed)
    except ValueError:
        return
    assert head(changed) != head(whole)


def test_a_chain_that_breaks_off_or_never_ends_is_refused() -> None:
    with pytest.raises(ValueError, match="breaks off"):
        deeds(chain(2)[:-1])
    with pytest.raises(ValueError, match="longer than"):
        deeds(b"x\n" * 20_000)

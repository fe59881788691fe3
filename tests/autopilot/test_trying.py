from pathlib import Path

from watchkeeper.autopilot.trying import MOST_DEATHS, Trying


def test_an_entry_on_which_worker_after_worker_dies_is_put_aside(tmp_path: Path) -> None:
    for _ in range(MOST_DEATHS):
        dying = Trying(tmp_path / "trying")
        assert dying.may(6)
        assert dying.may(7)
    last = Trying(tmp_path / "trying")
    assert last.may(6)
    assert not last.may(7)
    assert last.may(8)
    last.close()


def test_deaths_on_different_entries_and_a_good_end_count_for_nothing(tmp_path: Path) -> None:
    for number in range(20):
        assert Trying(tmp_path / "trying").may(number)
    for _ in range(20):
        worker = Trying(tmp_path / "trying")
        assert worker.may(7)
        worker.close()


def test_a_damaged_note_is_none(tmp_path: Path) -> None:
    (tmp_path / "trying").write_bytes(b"\x00\x01")
    assert Trying(tmp_path / "trying").may(0)

"""Files are chosen by what the log says of them, newest first, and the list follows the table."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from watchkeeper.lake import EventTable
from watchkeeper.lake.active import ActiveFiles, Wanted, days_of


def test_only_files_that_can_hold_what_is_wanted_are_chosen_newest_first(tmp_path: Path, events: SimpleNamespace) -> None:
    active = ActiveFiles(tmp_path)
    assert (active.chosen(Wanted(None)).paths, active.listed()) == ((), None)
    table = EventTable(tmp_path)
    for number in range(3):
        when = events.BEGAN + timedelta(hours=number)
        table.append(events.stored({"_time": when, "_id": f"a{number}"}), "w", number)
    table.append(events.stored({"_tenant": "other"}), "w", 3)
    table.append(events.stored({"_time": None, "_id": "b"}), "w", 4)

    def rows(wanted: Wanted) -> int:
        return active.chosen(wanted).rows

    hour, mine = timedelta(hours=1), {"default"}
    assert (rows(Wanted(None)), rows(Wanted(mine)), rows(Wanted({"other"})), rows(Wanted(()))) == (5, 4, 1, 0)
    assert rows(Wanted(mine, start=events.BEGAN + hour)) == 3
    assert rows(Wanted(mine, end=events.BEGAN)) == 2
    assert rows(Wanted(mine, ids=["a1"])) == 1
    assert rows(Wanted(mine, ids=["a1", "b", "z"])) == 2
    newest = [row["max._time"] for row in active.listed().to_pylist() if row["max._time"]]
    assert newest == sorted(newest, reverse=True)
    assert {len(files) for files in days_of(active.listed()).values()} == {1, 4}
    assert not active.chosen(Wanted(None)).mixed

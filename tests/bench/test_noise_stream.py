"""A month made of few days: each comes in turn at its own time of day, and what is settled is counted once."""

from pathlib import Path

from noise_stream import Counted, Row, repeated, streamed

from watchkeeper.correlation.stream import Settled
from watchkeeper.correlation.underway import Underway

DAY = 86_400


def test_days_come_in_turn_at_their_own_time_of_day() -> None:
    rows: list[Row] = [(10, 10 * DAY + 60.0, ["a"]), (10, 10 * DAY + 90.0, ["b"]), (11, 11 * DAY + 30.0, ["c"])]
    found = [(int(time), name) for time, name in repeated(rows, 4)]
    assert found == [
        (10 * DAY + 60, "a"), (10 * DAY + 90, "b"), (11 * DAY + 30, "c"),
        (12 * DAY + 60, "a"), (12 * DAY + 90, "b"), (13 * DAY + 30, "c"),
    ]  # fmt: skip


def test_an_incident_that_another_took_in_is_counted_no_longer() -> None:
    found = Counted()
    found.add(Settled((), (), (Underway("one"), Underway("two"))))
    found.add(Settled((), (), (Underway("two", took=["one"]),)))
    assert found.underway == {"two"}


def test_a_stream_of_days_is_settled_whole(tmp_path: Path) -> None:
    path = tmp_path / "made.csv"
    lines = [f"{DAY * 19000 + 7200 * at},Wazuh: ClamAV database update,10.0.0.1,mail,W-Sys-Cav,false_positive,-" for at in range(84)]
    path.write_text("\n".join(["time,name,ip,host,short,time_label,event_label", *lines]) + "\n", "utf-8")
    figures = streamed(path)
    assert (figures["alerts"], figures["sessions"], figures["days"]) == (84, 84, 7)
    assert figures["end"]["state_kib"] >= 0
    assert 0 < figures["end"]["now_mib"] <= figures["end"]["peak_mib"]

"""What is found alike in all logs."""

from watchkeeper.ingest.suggest.parts import empties_of, hosts_of, names_of, times_of


def test_a_time_is_one_field_or_two_or_several_that_are_it_in_part() -> None:
    assert times_of([{"n": "1", "start": "x", "date": "2026-03-02", "clock": f"10:00:0{at}"} for at in range(9)]) == [
        {"text": "{date} {clock}", "format": "iso"}
    ]
    assert times_of([{"a": "1772445600", "event_time": "1772445601"}] * 9) == [{"text": "{event_time}", "format": "epoch"}]
    partly = [{"made_at": "2026-03-02T10:00:00Z"}] * 6 + [{"event_time": "1772445601"}] * 4
    assert times_of(partly) == [{"text": "{made_at}", "format": "iso"}, {"text": "{event_time}", "format": "epoch"}]
    assert times_of([{"a": "x"}]) == []


def test_hosts_and_names() -> None:
    rows = [{"devName": "a", "x": "-"}, {"x": "b"}]
    assert (hosts_of(rows), names_of(rows), empties_of(["-", "b"]), empties_of(["b"])) == (["devName"], ["x", "devName"], ["-"], [])

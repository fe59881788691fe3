from watchkeeper.ingest.listeners.counts import Count, Counts


def test_figures_add_up_by_door_and_sender() -> None:
    counts = Counts()
    counts.add("bulk", "a", "records", 2)
    counts.add("bulk", "b", "records", 3)
    counts.add("hec", "a", "records", 5)
    counts.add("hec", "a", "malformed", 0)
    assert list(counts) == [Count("bulk", "a", "records", 2), Count("bulk", "b", "records", 3), Count("hec", "a", "records", 5)]
    assert (counts.of("records"), counts.of("records", "bulk"), counts.of("records", sender="a")) == (10, 5, 7)
    assert counts.of("dropped") == 0

from watchkeeper.ingest.listeners.hec_acks import Acks


def test_a_number_is_known_once_it_is_given_and_in_its_channel_alone() -> None:
    acks = Acks()
    assert [acks.give("a", "c1"), acks.give("a", "c1"), acks.give("a", "c2"), acks.give("b", "c1")] == [0, 1, 0, 0]
    assert acks.known("a", "c1", [0, 1, 2, -1]) == {"0": True, "1": True, "2": False, "-1": False}
    assert acks.known("b", "c2", [0]) == {"0": False}


def test_channels_are_bounded_and_the_one_used_longest_ago_goes_first() -> None:
    acks = Acks(most_channels=2)
    for channel in ("old", "older", "old", "new"):
        acks.give("a", channel)
    assert acks.known("a", "old", [1]) == {"1": True}
    assert acks.known("a", "older", [0]) == {"0": False}

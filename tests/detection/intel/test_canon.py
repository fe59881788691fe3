from datetime import UTC, datetime, timedelta

from watchkeeper.detection.intel.canon import Defaults, indicators
from watchkeeper.detection.intel.formats import Entry, Refused
from watchkeeper.model.indicator import INDICATOR_SCHEMA, Indicator

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = NOW + timedelta(days=1)


def test_entries_take_the_defaults_where_they_say_nothing() -> None:
    defaults = Defaults("feed", 30, "green", ("own",), NOW, inside=True)
    table, _ = indicators(
        [Entry("domain", "a.example"), Entry("domain", "b.example", "7", 90, tlp="red", valid_until=LATER)], defaults, NOW
    )
    plain, told = (Indicator(**row) for row in table.to_pylist())
    assert (plain.confidence, plain.tlp, plain.labels, plain.valid_until, plain.inside, plain.source) == (
        30,
        "green",
        ("own",),
        NOW,
        True,
        "feed",
    )
    assert (told.confidence, told.tlp, told.external_id, told.valid_until) == (90, "red", "7", LATER)


def test_a_value_that_comes_twice_is_one_indicator_of_which_both_are_told() -> None:
    one = Entry("domain", "A.example", confidence=10, labels=("x",), valid_until=NOW, revoked=True)
    other = Entry("domain", "a.example.", confidence=70, labels=("y",), techniques=("T1071",), tlp="amber")
    table, account = indicators([one, other], Defaults("feed"), NOW)
    (row,) = table.to_pylist()
    assert (row["confidence"], row["labels"], row["techniques"], row["tlp"]) == (70, ["x", "y"], ["T1071"], "amber")
    assert (row["valid_until"], row["revoked"], account.entries) == (None, False, 2)


def test_a_network_of_one_address_is_the_address_and_a_port_is_left_away() -> None:
    entries = [
        Entry("network", "203.0.113.7/32"),
        Entry("network", "2001:db8::1/128"),
        Entry("", "203.0.113.8:443"),
        Entry("network", "203.0.113.9"),
    ]
    table, _ = indicators(entries, Defaults("feed"), NOW)
    assert {row["kind"] for row in table.to_pylist()} == {"address"}
    assert indicators([Entry("network", "2001:db8::/32")], Defaults("feed"), NOW)[0].column("kind").to_pylist() == ["network"]


def test_what_is_refused_is_counted_by_reason_with_a_few_examples() -> None:
    table, account = indicators(
        [*(Refused("broken", str(number)) for number in range(9)), Entry("hash", "x"), Entry("", "\ud800")], Defaults("feed"), NOW
    )
    assert table.schema == INDICATOR_SCHEMA
    assert (table.num_rows, account.refused.total(), account.examples["broken"]) == (0, 11, ["0", "1", "2"])


def test_text_that_utf8_cannot_hold_is_replaced_or_refused() -> None:
    table, account = indicators(
        [Entry("file", "\ud800"), Entry("file", "a", external_id="\ud800", labels=("\ud800",))], Defaults("feed"), NOW
    )
    assert (table.num_rows, account.refused.total()) == (1, 1)

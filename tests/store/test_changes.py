"""Changes have numbers in order, and who was away for too long is told so."""

from threading import Thread

import pytest

from watchkeeper.store import Store, changes


def test_changes_are_numbered_in_order_for_each_tenant(store: Store) -> None:
    acme = store.of("acme")
    for name in ("a", "b", "c"):
        store.keep_setting(name, "1")
    acme.keep_setting("z", "1")
    found = store.changed_since(1, most=1)
    assert [(one.number, one.kind, one.id) for one in found.changes] == [(2, "setting", "b")]
    assert (found.missed, store.last_change(), acme.last_change()) == (False, 3, 1)
    assert store.changed_since(3) == changes.Changed((), missed=False)


def test_who_was_away_for_too_long_or_knows_numbers_of_before_a_restore_has_missed_something(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "MOST_KEPT", 5)
    monkeypatch.setattr(changes, "_EVERY", 4)
    for number in range(12):
        store.keep_setting(f"{number}", "1")
    assert [one.number for one in store.changed_since(0).changes] == [8, 9, 10, 11, 12]
    assert [store.changed_since(number).missed for number in (-1, 0, 6, 7, 12, 13)] == [False, True, True, False, False, True]


def test_no_number_appears_after_a_higher_one_was_seen(store: Store) -> None:
    def write(name: str) -> None:
        for _ in range(10):
            store.keep_setting(name, "1")

    writers = [Thread(target=write, args=(name,)) for name in "abc"]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    while any(writer.is_alive() for writer in writers):
        seen += [one.number for one in store.changed_since(seen[-1] if seen else 0).changes]
    seen += [one.number for one in store.changed_since(seen[-1] if seen else 0).changes]
    assert seen == list(range(1, 31))

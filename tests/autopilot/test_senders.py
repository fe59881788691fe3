"""Tokens of senders are recognised quickly, also of others' making, and known ones while the database is away."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.access.tokens import digest, new_secret
from watchkeeper.autopilot.people import COMMAND_LINE
from watchkeeper.autopilot.senders import FRESH_SECONDS, add_sender, drop_sender, new_sender, recognise, switch_sender
from watchkeeper.model.received import RefusedError
from watchkeeper.model.sender import Sender
from watchkeeper.store import Store, open_store
from watchkeeper.store.people import open_people

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = open_store(tmp_path)
    yield found
    found.close()


def test_what_another_process_changed_counts_soon(store: Store, tmp_path: Path) -> None:
    audit, now = open_people(store.database, tmp_path).audit, [0.0]
    known = recognise(store, lambda: now[0])
    assert known(new_secret("wks")) is None
    sender = new_sender(store, "edge")
    secret = add_sender(store, audit, sender, COMMAND_LINE, NOW)
    now[0] += FRESH_SECONDS
    assert known(secret) == sender
    switch_sender(store, audit, sender, COMMAND_LINE, NOW, on=False)
    assert known(secret) == sender
    now[0] += FRESH_SECONDS
    assert known(secret) is None
    switch_sender(store, audit, sender, COMMAND_LINE, NOW, on=True)
    store.keep_sender_token(sender.id, digest(secret), datetime.now(UTC) - timedelta(seconds=1))
    now[0] += FRESH_SECONDS
    assert known(secret) is None, "it ended"
    drop_sender(store, audit, sender, COMMAND_LINE, NOW)
    told = [(one.what, one.on, one.note) for one in audit.newest(limit=1)]
    assert told == [("sender dropped", sender.id, "edge")]


def test_the_database_is_asked_seldom_however_many_tokens_are_tried(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(type(store), "token_holders", lambda _: asked.append(1) or {})
    known = recognise(store, lambda: 0.0)
    assert {known(new_secret("wks")) for _ in range(100)} == {None}
    assert {known(text) for text in ("", "wka_" + "x" * 43, "\0", "wks_" + "x" * 10_000)} == {None}
    assert len(asked) == 1


def test_while_the_database_is_away_known_senders_are_known_and_others_told_to_come_again(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, is_away, there = [0.0], [False], store.token_holders

    def asked(_: Store) -> dict[str, tuple[Sender, datetime | None]]:
        if is_away[0]:
            raise ConnectionError("away")
        return there()

    monkeypatch.setattr(type(store), "token_holders", asked)
    known = recognise(store, lambda: now[0])
    sender = new_sender(store, "edge")
    secret = add_sender(store, open_people(store.database, tmp_path).audit, sender, COMMAND_LINE, NOW)
    assert known(secret) == sender

    is_away[0] = True
    now[0] += FRESH_SECONDS
    assert known(secret) == sender
    with pytest.raises(RefusedError, match="does not answer"):
        known(new_secret("wks"))


def test_a_change_that_is_not_kept_is_not_told_and_the_other_way_round(store: Store, tmp_path: Path) -> None:
    audit = open_people(store.database, tmp_path).audit
    sender = new_sender(store, "edge")
    add_sender(store, audit, sender, COMMAND_LINE, NOW)
    before = audit.head()
    with pytest.raises(ValueError, match="another name"):
        add_sender(store, audit, new_sender(store, "edge"), COMMAND_LINE, NOW)
    assert (audit.head(), store.senders()) == (before, (sender,))


@pytest.mark.parametrize(("name", "peers"), [("", ()), ("a\nb", ()), ("x" * 101, ()), ("x", ("10.0.0.300",)), ("x", ("10.0.0.0/8",) * 101)])
def test_what_cannot_be_a_sender_is_refused(store: Store, name: str, peers: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"sender|network|address"):
        new_sender(store, name, peers=peers)

"""Who listens is told of each change once, goes on where they were, and is let go when they may not listen or the process stops."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from watchkeeper.api.listening import BEAT_SECONDS, CHECK_SECONDS, MOST_OF_ONE, Ear, Listeners
from watchkeeper.store import Store, open_store

Ask = Callable[..., Any]


@pytest.fixture
def store(tmp_path: Any) -> Iterator[Store]:
    found = open_store(tmp_path)
    yield found
    found.close()


@dataclass
class Time:
    now: float = 0.0
    stops: bool = False
    may: bool = True
    said: list[str] = field(default_factory=list)


def _heard(store: Store, time: Time, after: int, until: int) -> list[str]:
    """Listen until so many pieces came."""
    listeners = Listeners(lambda: time.stops, lambda: time.now)

    async def listen() -> None:
        async for piece in listeners.stream(Ear("ann", store, after, lambda: time.may)):
            time.said.append(piece)
            time.now += BEAT_SECONDS
            if len(time.said) >= until:
                time.stops = True

    asyncio.run(listen())
    assert listeners.count == 0
    return time.said


def test_each_change_is_told_once_and_listening_goes_on_where_it_was(store: Store) -> None:
    store.keep_setting("a", "1")
    store.keep_setting("b", "2")
    said = _heard(store, Time(), 0, 2)
    assert [piece.splitlines()[0] for piece in said] == ["retry: 3000", "id: 1"]
    assert said[1].count("event: setting") == 2
    again = _heard(store, Time(), 1, 2)[1]
    assert ("id: 1" in again, "id: 2" in again) == (False, True)


def test_nothing_new_is_said_too_so_that_nobody_thinks_the_other_gone(store: Store) -> None:
    assert _heard(store, Time(), 0, 2)[1] == ": nothing new\n\n"


def test_who_may_not_listen_any_more_is_let_go(store: Store) -> None:
    assert CHECK_SECONDS <= BEAT_SECONDS
    assert _heard(store, Time(may=False), 0, 9)[-1].startswith("event: ended")


def test_who_was_away_too_long_is_told_to_look_anew(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.store.changes.MOST_KEPT", 10)
    for number in range(500):
        store.keep_setting(str(number), "1")
    assert _heard(store, Time(), 3, 2)[1].startswith("event: missed")


def test_no_more_listen_than_may(store: Store) -> None:
    listeners = Listeners()

    async def listen() -> None:
        streams = [listeners.stream(Ear("ann", store, 0, lambda: True)) for _ in range(MOST_OF_ONE)]
        for stream in streams:
            await anext(stream)
        with pytest.raises(Exception, match="listen already"):
            listeners.refuse_too_many("ann")
        listeners.refuse_too_many("bob")
        for stream in streams:
            await stream.aclose()

    asyncio.run(listen())
    assert listeners.count == 0


def test_changes_can_be_asked_for(ask: Ask) -> None:
    last = ask("GET", "reports/summary")["last_change"]
    one = ask("GET", "incidents?host=ws1")["items"][0]["id"]
    ask("POST", f"incidents/{one}/close", why="done")
    told = ask("GET", f"changes?after={last}")
    assert [(change["kind"], change["id"]) for change in told["changes"]] == [("standing", one)]
    assert ask("GET", f"changes?after={told['last']}") == {"changes": [], "missed": False, "last": told["last"]}

"""Slow work beside a loop keeps the loop waiting for nothing, and is never done twice at a time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from watchkeeper.server.alone import Alone


def test_it_is_begun_once_while_it_lasts_and_again_after_it() -> None:
    go, begun, count, lock = Event(), Event(), [0], Lock()

    def work() -> None:
        with lock:
            count[0] += 1
        begun.set()
        go.wait(10)

    with ThreadPoolExecutor(1) as pool:
        alone = Alone(pool, work)
        for _ in range(5):
            alone()
        assert begun.wait(10)
        assert count[0] == 1
        go.set()
        pool.submit(lambda: None).result(10)
        alone()
        pool.submit(lambda: None).result(10)
    assert count[0] == 2


def test_how_it_failed_is_heard_the_next_time_and_it_goes_on() -> None:
    def work() -> None:
        raise OSError("the database does not answer")

    with ThreadPoolExecutor(1) as pool:
        alone = Alone(pool, work)
        alone()
        pool.submit(lambda: None).result(10)
        with pytest.raises(OSError, match="does not answer"):
            alone()
        alone()

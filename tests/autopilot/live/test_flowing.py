"""Which incident is followed next, that time is bounded, and that what fails is seen."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

from watchkeeper.autopilot.live.flowing import Flowing, Wish, with_results
from watchkeeper.autopilot.world import World
from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Incident
from watchkeeper.model.signal import SIGNAL_SCHEMA


def incident(name: str, rank: int = 1) -> Incident:
    about: dict[str, Any] = dict.fromkeys(("sessions", "folds", "hosts", "entities", "techniques", "tactics", "why"), ())
    return Incident(id=name, rank=rank, title=name, level="high", score=1.0, start=None, end=None, shown=True, **about)


def world(**more: Any) -> World:
    asked: dict[str, Any] = {
        "search": lambda _: iter(()), "signals_of": lambda _: SIGNAL_SCHEMA.empty_table(), "asset_of": lambda name: Asset(name=name),
        "record_end": None,
    }  # fmt: skip
    return World(**(asked | more))


class Clock:
    """A clock that goes on by so much each time it is asked."""

    def __init__(self, step: float = 0.0) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


def followed(flowing: Flowing, times: int) -> list[str]:
    """Give the incidents that were followed, in order."""
    found = (flowing.done() for _ in range(times))
    return [one.incident.id for one in found if one]


def test_the_higher_rank_goes_first_and_one_at_a_time(live: SimpleNamespace) -> None:
    flowing = Flowing(live.inline(), Clock())
    for name, rank in (("c", 3), ("a", 1), ("b", 2)):
        flowing.wish(Wish("default", incident(name, rank), world()))
    assert flowing.waiting == 3
    assert followed(flowing, 4) == ["a", "b", "c"]
    assert flowing.waiting == 0


def test_one_that_was_followed_rests_nine_times_as_long(live: SimpleNamespace) -> None:
    clock = Clock(step=1.0)
    flowing = Flowing(live.inline(), clock, 1000.0)
    flowing.wish(Wish("default", incident("a"), world()))
    flowing.done()
    first = flowing.done()
    assert first
    flowing.wish(Wish("default", incident("a"), world()))
    clock.step = 0.0
    assert followed(flowing, 5) == []
    clock.now += 9 * first.seconds
    assert followed(flowing, 2) == ["a"]


def test_when_its_time_is_up_the_rest_fails_where_people_see_it(live: SimpleNamespace) -> None:
    flowing = Flowing(live.inline(), Clock(step=1.0), 3.5)
    flowing.wish(Wish("default", incident("a"), world()))
    flowing.done()
    done = flowing.done()
    assert done
    assert done.incident.notice
    assert {failure.step for failure in done.incident.failures} >= {"respond", "verify"}
    assert all("time was up" in failure.error for failure in done.incident.failures)


def test_what_is_followed_anew_forgets_what_failed(live: SimpleNamespace) -> None:
    def fails(_: object) -> Any:
        raise OSError("the lake does not answer")

    flowing, clock = Flowing(live.inline(), Clock(), 1000.0), incident("a")
    flowing.wish(Wish("default", clock, world(signals_of=fails)))
    flowing.done()
    failed = flowing.done()
    assert failed
    assert any("does not answer" in failure.error for failure in failed.incident.failures)
    flowing.wish(Wish("default", failed.incident, world()))
    flowing.done()
    again = flowing.done()
    assert again
    assert again.incident.failures == ()
    assert with_results(incident("a"), again.incident).verdict == again.incident.verdict


def test_what_is_no_longer_wished_for_is_not_followed(live: SimpleNamespace) -> None:
    flowing = Flowing(live.inline(), Clock())
    flowing.wish(Wish("default", incident("a"), world()))
    flowing.drop(("default", "a"))
    assert followed(flowing, 2) == []


def test_it_goes_on_in_the_background() -> None:
    with ThreadPoolExecutor(1) as executor:
        flowing = Flowing(executor)
        flowing.wish(Wish("default", incident("a"), world()))
        while (done := flowing.done()) is None:
            pass
    assert done.incident.notice

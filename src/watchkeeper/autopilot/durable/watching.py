"""Waiting, as a step that is kept like any other. Owns that nothing is missed between looking and waiting, and that nobody polls."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from watchkeeper.autopilot.durable.stepping import Gave, Steps
from watchkeeper.autopilot.durable.waking import Waking
from watchkeeper.autopilot.durable.way import Known
from watchkeeper.autopilot.durable.works import Works

_LONGEST_SECONDS = 3_600.0
"""It looks again after so long even if nobody wakes it."""


class Watching:
    """Waits for one flow."""

    def __init__(self, steps: Steps, works: Works, waking: Waking) -> None:
        """Take what keeps its results, what looks, and what wakes it."""
        self._steps = steps
        self._works = works
        self._waking = waking

    async def __call__(self, key: str, known: Known, until: datetime | None) -> Gave:
        """Wait until something stands otherwise than known, or for a time."""
        return await self._steps.kept("watch", key, partial(self._news, known, until))

    async def _news(self, known: Known, until: datetime | None) -> dict[str, Any]:
        tenant, stood = self._steps.tenant, False
        subjects = [(tenant, self._steps.incident), *((tenant, id_) for id_ in known.actions)]
        with self._waking.waiting(subjects) as event:
            while True:
                event.clear()
                news = await self._steps.patiently(partial(self._works.news, tuple(known.actions)))
                if _is_otherwise(news, known) or (until is not None and self._steps.hands.clock() >= until):
                    await self._stands("walking", after=stood)
                    return {"told": news, "failed": False}
                await self._stands("waiting", after=not stood)
                stood = True
                await _set_or_late(event, self._seconds(until))

    async def _stands(self, state: str, *, after: bool) -> None:
        if after:
            await self._steps.patiently(partial(self._works.stand, state))

    def _seconds(self, until: datetime | None) -> float:
        left = _LONGEST_SECONDS if until is None else (until - self._steps.hands.clock()).total_seconds()
        return max(0.0, min(_LONGEST_SECONDS, left))


def _is_otherwise(news: Mapping[str, Any], known: Known) -> bool:
    stands = (news["core"], news["actions"], news["answers"])
    return bool(news["over"]) or stands != (known.core, known.actions, known.answers)


async def _set_or_late(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return

"""The flow as DBOS carries it: one for each incident and time it is begun. Owns making it known; its way is `way`'s."""

from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, Literal

from dbos import DBOS, SetWorkflowID

from watchkeeper.autopilot.durable.carrier import FLOW
from watchkeeper.autopilot.durable.flows import flow_id
from watchkeeper.autopilot.durable.hands import Hands
from watchkeeper.autopilot.durable.signing import FlowError
from watchkeeper.autopilot.durable.stepping import Pace, Steps
from watchkeeper.autopilot.durable.waking import Waking
from watchkeeper.autopilot.durable.watching import Watching
from watchkeeper.autopilot.durable.way import Way
from watchkeeper.autopilot.durable.works import Works

_UNDERWAY = frozenset({"PENDING", "ENQUEUED", "DELAYED"})
_UNREAD = "what was kept of it is in a form that is never read here: somebody else wrote it; it is not used"
_MOST_RECOVERIES = 10_000
"""A flow may wait for weeks over any number of restarts."""
Begin = Callable[[str, str, int], Coroutine[Any, Any, None]]


class Walking:
    """What walks incidents, once DBOS is started."""

    def __init__(self, hands: Hands, waking: Waking, pace: Pace, threads: Executor) -> None:
        """Take what flows ask, what wakes them, how fast they go, and the threads in which their steps work."""
        self._parts = (hands, waking, pace, threads)
        self._walk: Begin | None = None
        self.is_well: Callable[[], bool] = lambda: False
        """Says whether this executor is alive for others, and may act."""

    def register(self) -> None:
        """Make the flow known; it has to be before DBOS starts."""
        hands, waking, pace, threads = self._parts

        @DBOS.workflow(name=FLOW, max_recovery_attempts=_MOST_RECOVERIES)
        async def incident(tenant: str, incident_id: str, number: int) -> None:
            if DBOS.workflow_id != flow_id(tenant, incident_id, number):
                raise ValueError("what is kept of this flow belongs to another one: somebody moved it there; it is not used")
            steps, works = Steps(hands, (tenant, incident_id, number), pace, threads), Works(hands, tenant, incident_id, self.is_well)
            await Way(steps, works, Watching(steps, works, waking), number).gone()

        self._walk = incident

    async def begin(self, tenant: str, incident: str, number: int) -> Literal["begun", "underway", "over"]:
        """Begin a flow, unless this one is underway, here or elsewhere, or was and is over."""
        if self._walk is None:
            raise RuntimeError("flows are begun when they are known to DBOS")
        id_ = flow_id(tenant, incident, number)
        status = await DBOS.get_workflow_status_async(id_)
        if status is not None:
            return "underway" if status.status in _UNDERWAY else "over"
        with SetWorkflowID(id_):
            await DBOS.start_workflow_async(self._walk, tenant, incident, number)
        return "begun"

    async def ended(self, tenant: str, incident: str, number: int) -> str | None:
        """Say why a flow ended before its time: empty if it was given up or is not there at all, none if it did not end."""
        status = await DBOS.get_workflow_status_async(flow_id(tenant, incident, number))
        if status is not None and status.status in _UNDERWAY:
            return None
        if status is None or status.error is None:
            return ""
        return str(status.error) if isinstance(status.error, FlowError) else _UNREAD

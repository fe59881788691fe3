"""What carries flows: DBOS, started and stopped. Owns its settings, which version of the flow it is told, and what it may log.

A flow that waits is a coroutine in a step of its own; `recv` of DBOS would ask the database for each of a thousand five times a second.
"""

import logging
import platform
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from dbos import DBOS, DBOSConfig

from watchkeeper.autopilot.durable.signing import signed
from watchkeeper.settings.secret_key import secret_key
from watchkeeper.store import Beside

SHAPE = "shape-1"
"""Which steps a flow has, in which order. It is raised when that changes, and stays over every other release: flows of another
shape are not gone on with, they are begun again from the store."""
_NAME = "watchkeeper"
_OWN = "flows.executor"
_THREADS = 8


def executor_of(state: Path) -> str:
    """Give what this machine's walker is called: the same after a restart, another one for a copy of the folder elsewhere.

    Raises:
        OSError: the folder cannot be read or written.
        ValueError: the file with what makes it unlike others is damaged.
    """
    return f"{platform.node()[:60] or 'host'}-{secret_key(state / _OWN)[:8].hex()}"


@contextmanager
def carried(beside: Beside, state: Path, executor: str, registered: Callable[[], None]) -> Generator[None]:
    """Carry flows from the running loop until the block ends; those that wait then go on at the next start.

    `registered` makes the flows known, which has to be before the start. Flows that this executor left unfinished go on by themselves.

    Raises:
        OSError: the key cannot be read or made.
        ValueError: the file of the key is damaged.
    """
    logger = logging.getLogger("dbos")
    _quiet(logger)
    DBOS(config=_config(beside, state, executor))
    try:
        registered()
        DBOS.launch()
        yield
    finally:
        logger.setLevel(logging.CRITICAL)  # it would tell of each flow that is left waiting
        DBOS.destroy(destroy_registry=True)


def unfinished() -> dict[str, str]:
    """Give the flows that are begun and not over, whoever walks them: id, by which shape."""
    found = DBOS.list_workflows(status=["PENDING", "ENQUEUED"], name=FLOW, load_input=False, load_output=False)
    return {one.workflow_id: one.app_version or "" for one in found}


FLOW = "incident"
"""What the flow is called where it is kept."""


def give_up(flows: Iterable[str]) -> None:
    """Let flows end where they are; nothing of what they did is taken back."""
    DBOS.cancel_workflows(list(flows))


def take_over(executor: str) -> int:
    """Go on with what another executor left unfinished; give how many flows that were."""
    return len(DBOS._recover_pending_workflows([executor]))  # pyright: ignore[reportPrivateUsage] -- without its paid service there is no other way


def _config(beside: Beside, state: Path, executor: str) -> DBOSConfig:
    return DBOSConfig(
        name=_NAME,
        system_database_url=beside.url,
        dbos_system_schema=beside.schema or None,
        application_version=SHAPE,
        executor_id=executor,
        serializer=signed(state),
        log_level="WARNING",
        enable_otlp=False,
        use_listen_notify=False,
        max_executor_threads=_THREADS,
        sys_db_pool_size=_THREADS,
    )  # type: ignore[typeddict-item] -- no schema is none


def _quiet(logger: logging.Logger) -> None:
    """Let it log by our one configuration, without what errors hold: they may quote events."""
    if not any(isinstance(one, _Bare) for one in logger.filters):
        logger.addHandler(logging.NullHandler())  # with a handler it adds none of its own, and leaves the record to the root
        logger.addFilter(_Bare())
    logger.propagate = True


class _Bare(logging.Filter):
    """Takes the trace and the text of errors off a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let it pass, without them."""
        record.exc_info, record.exc_text = None, None
        return True

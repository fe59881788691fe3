"""The ledger of the store in a folder that is made for it, emptied for each run: the adversary meets it as it meets the one in memory."""

from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import delete

from watchkeeper.autopilot.audit import verify_log
from watchkeeper.brain.ethics.ledger import Ledger
from watchkeeper.store import open_store
from watchkeeper.store.action_tables import ActionRow, ApprovalRow, BrakeRow, LevelRow, PolicyChangeRow
from watchkeeper.store.anchor import AnchorFile
from watchkeeper.store.audit import AuditLog

_MEMORY = Path("/dev/shm")  # noqa: S108 - a file system in memory, where there is one: a run has hundreds of transactions


@contextmanager
def emptied() -> Generator[tuple[Callable[[], Ledger], Callable[[], object]]]:
    """Give what gives a ledger with nothing in it, of one store, and what says where its audit log is broken, none if nowhere."""
    with TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder, closing(open_store(Path(folder))) as store:
        log = AuditLog(store.database, AnchorFile(Path(folder)))
        ledger = store.ledger(log)

        def anew() -> Ledger:
            with store.database.writing("default") as session:
                for table in (ActionRow, ApprovalRow, BrakeRow, LevelRow, PolicyChangeRow):
                    session.execute(delete(table))
            return ledger

        yield anew, lambda: verify_log(log).found

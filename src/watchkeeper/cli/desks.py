"""At whose desk a command sits: of a state folder here, or of a server. Owns choosing it, and who is said to act."""

import getpass
from collections.abc import Generator
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from watchkeeper.autopilot.desk import Desk
from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.options import Options
from watchkeeper.cli.asked import installed_if_any, rule_paths
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.cli.remote import RemoteDesk
from watchkeeper.cli.server import connected
from watchkeeper.cli.where import Where, server_of
from watchkeeper.settings import read_settings
from watchkeeper.store import open_store

AnyDesk = Desk | RemoteDesk


@contextmanager
def desk_at(where: Where) -> Generator[AnyDesk]:
    """Give the desk that is meant; what goes wrong at it is said in one plain line."""
    url = server_of(where)
    with plain_errors():
        if url:
            with connected(url, where) as server:
                yield RemoteDesk(server)
            return
        settings = read_settings(where.state)
        with closing(open_store(settings.store)) as store:
            yield Desk(store, settings.state, settings.watch_days, Options(paths=(), rules=rule_paths(installed_if_any())))


def who(where: Where, why: str, by: str | None) -> Who:
    """Say who acts, and why; a server knows that by itself.

    Raises:
        ValueError: it is said all the same.
    """
    if by and server_of(where):
        raise ValueError("--by is for a state folder; a server knows who you are by your token")
    return Who(by or getpass.getuser(), why, datetime.now(UTC))
